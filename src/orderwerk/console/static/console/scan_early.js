// Runs before the page is seen: keeps what a scanner types while the programs of the page still load, and hands it to them when they
// listen. Without it the keys would go nowhere, or send the bare form. What cannot be read is told then.
(() => {
  const { unheard } = document.currentScript.dataset;
  const codes = [];
  let [text, isWhole, lost] = ["", true, ""];
  // Keys that tell no sign, as those of keyboards on a screen, are left to the field. Where a code came both ways nobody knows its order.
  const enter = (field) => {
    const typed = field.id === "code" ? field.value.trim() : "";
    if (typed) field.value = "";
    if ((!isWhole && (text || typed)) || (text && typed)) lost = unheard;
    else if (text || typed) codes.push(text || typed);
    [text, isWhole] = ["", true];
  };
  const type = (event) => {
    // Browsers that fill in forms send such events without a key.
    if (!event.key || event.target.closest?.("a, button, select, textarea, summary, input:not(#code)")) return;
    if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph")) {
      // A sign that is made of several keys, such as the separator of GS1 codes: without it the code would mean another.
      isWhole = false;
      return;
    }
    if (event.key === "Enter") enter(event.target);
    else if (event.key === "Backspace" && text) text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault();
  };
  const stop = () => {
    removeEventListener("keydown", type, true);
    return { codes: codes.splice(0), text: isWhole ? text : "", lost };
  };
  addEventListener("keydown", type, true);
  // Programs that are not there by now do not come: the form works as it stands.
  addEventListener("load", stop);
  window.orderwerkEarly = stop;
})();
