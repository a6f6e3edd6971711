// Runs before the page is seen: keeps what a scanner types while the programs of the page still load, and hands it to them when they
// listen. Without it the keys would go nowhere, or send the bare form.
(() => {
  const codes = [];
  let [text, isWhole] = ["", true];
  const type = (event) => {
    // Browsers that fill in forms send such events without a key.
    if (!event.key || event.target.closest?.("a, button, select, textarea, summary, input:not(#code)")) return;
    if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph")) {
      // A sign that is made of several keys, such as the separator of GS1 codes: without it the code would mean another.
      isWhole = false;
      return;
    }
    if (event.key === "Enter") {
      if (text && isWhole) codes.push(text);
      [text, isWhole] = ["", true];
    } else if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault();
  };
  const stop = () => {
    removeEventListener("keydown", type, true);
    return { codes: codes.splice(0), text: isWhole ? text : "" };
  };
  addEventListener("keydown", type, true);
  // Programs that are not there by now do not come: the form works as it stands.
  addEventListener("load", stop);
  window.orderwerkEarly = stop;
})();
