// The little behaviour that HTML and htmx do not give: keys, menus, dialogs, selection, copying.
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Menus close when something else is clicked.
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // The drawer of the phone.
  const toggleRail = (open) => {
    const rail = one("#rail");
    if (!rail) return;
    rail.classList.toggle("is-open", open);
    one(".scrim")?.remove();
    if (open) {
      const scrim = document.createElement("button");
      scrim.className = "scrim";
      scrim.type = "button";
      scrim.setAttribute("aria-label", rail.dataset.close);
      scrim.addEventListener("click", () => toggleRail(false));
      document.body.append(scrim);
      one("a", rail)?.focus();
    }
  };

  // Selection in lists: the number in the bar, and "all on this page".
  const countRows = (form) => {
    const boxes = all("input[data-row]", form);
    const chosen = boxes.filter((box) => box.checked).length;
    const head = one("input[data-all]", form);
    if (head) {
      head.checked = chosen > 0 && chosen === boxes.length;
      head.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    for (const place of all("[data-chosen]", form)) place.textContent = String(chosen);
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    const form = box.closest?.("form");
    if (!form) return;
    if (box.matches("input[data-all]")) for (const row of all("input[data-row]", form)) row.checked = box.checked;
    if (box.matches("input[data-all], input[data-row]")) countRows(form);
    if (box.matches("[data-submit]") && !box.hasAttribute("hx-get")) form.requestSubmit();
    if (box.matches('select[name="carrier"]')) {
      for (const typed of all('input[list$="-offered"]', form)) typed.value = "";
      for (const choice of all("select[data-services]", form)) choice.value = "";
      offerServices(form);
    }
    showWhen(form);
  });

  // On a phone the filters of a list unfold when they are asked for.
  document.addEventListener("click", (event) => {
    const fold = event.target.closest?.("[data-fold]");
    if (fold) fold.setAttribute("aria-expanded", String(fold.form.classList.toggle("is-open")));
  });
  // The list comes anew after each choice: its filters stay unfolded, and whoever chose in them goes on there.
  let unfolded = null;
  document.addEventListener("htmx:beforeSwap", () => { unfolded = one("#listing .filter-bar.is-open") && { at: document.activeElement?.id ?? "" }; });
  document.addEventListener("htmx:afterSwap", () => {
    const fold = unfolded && one('#listing [data-fold][aria-expanded="false"]');
    if (!fold) return;
    fold.form.classList.add("is-open");
    fold.setAttribute("aria-expanded", "true");
    document.getElementById(unfolded.at)?.focus({ preventScroll: true });
  });

  // Of a carrier with services one of them is chosen; the field of text stays for the others, and for a browser without a script.
  const offerServices = (root) => {
    for (const typed of all('input[list$="-offered"]', root)) {
      const carrier = one('[name="carrier"]', typed.form);
      const offered = all("option", one(`#${CSS.escape(typed.getAttribute("list"))}`)).filter((each) => each.dataset.carrier === carrier?.value);
      const before = typed.nextElementSibling;
      let choice = before?.matches("select[data-services]") ? before : null;
      if (choice) typed.value = choice.hidden ? typed.value : choice.value;
      if (!choice) {
        choice = document.createElement("select");
        choice.className = "form-select";
        choice.dataset.services = "";
        choice.addEventListener("change", () => { typed.value = choice.value; });
        typed.after(choice);
      }
      // What stands there and is none of the carrier's stays to be seen, and is refused with its reason.
      const known = offered.map((each) => [each.value, each.textContent.split(" · ").slice(1).join(" · ")]);
      if (typed.value && !known.some(([value]) => value === typed.value)) known.push([typed.value, typed.value]);
      choice.replaceChildren(...[["", typed.dataset.none], ...known].map(([value, words]) => new Option(words, value, false, value === typed.value)));
      [choice.hidden, typed.hidden] = [!offered.length, Boolean(offered.length)];
      for (const name of ["aria-describedby", "aria-invalid"]) if (typed.hasAttribute(name)) choice.setAttribute(name, typed.getAttribute(name));
      choice.setAttribute("aria-label", one(`label[for="${typed.id}"]`)?.textContent ?? "");
    }
  };

  // Parts of a form that only make sense with another field's value: data-when="role=warehouse", or "kind!=single".
  const showWhen = (root) => {
    for (const part of all("[data-when]", root)) {
      const [left, value] = part.dataset.when.split("=");
      const name = left.replace("!", "");
      const fields = all(`[name="${name}"]`, part.closest("form") || document);
      const now = fields.find((field) => (field.type === "radio" || field.type === "checkbox" ? field.checked : true));
      part.hidden = ((now ? now.value : "") !== value) !== left.endsWith("!");
    }
  };

  // Buttons beside a number: one less, one more, within its bounds.
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    const field = step && one("input", step.parentElement);
    if (!field) return;
    const wanted = (Number(field.value) || 0) + Number(step.dataset.step);
    field.value = String(Math.min(Number(field.max), Math.max(Number(field.min), wanted)));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Shift-click chooses a range; a click on a row opens it.
  let last = null;
  document.addEventListener("click", (event) => {
    const target = event.target;
    const box = target.closest("input[data-row]");
    if (box) {
      const boxes = all("input[data-row]", box.form);
      if (event.shiftKey && last && boxes.includes(last)) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
        countRows(box.form);
      }
      last = box;
      return;
    }
    const row = target.closest("tr[data-href]");
    if (!row || target.closest("a, button, input, select, label, summary") || String(window.getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  });

  // Dialogs: data-dialog opens one by id, data-close closes, data-confirm asks before a form goes.
  let asked = null;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) { event.preventDefault(); opener.closest("details.menu")?.removeAttribute("open"); one(`#${opener.dataset.dialog}`)?.showModal(); }
    event.target.closest("details.menu a[hx-get]")?.closest("details.menu").removeAttribute("open");
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target.matches("dialog.dialog")) event.target.close();
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast-line")?.remove();
    const rail = event.target.closest("[data-rail]");
    if (rail) toggleRail(!one("#rail").classList.contains("is-open"));
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard?.writeText(one(copy.dataset.copy)?.textContent.trim() ?? "").then(() => {
        if (copy.dataset.done) one("span", copy).textContent = copy.dataset.done;
      });
    }
  });

  const ask = (text, button, then) => {
    const dialog = one("#confirm");
    one("[data-text]", dialog).textContent = text;
    const go = one("[data-go]", dialog);
    go.textContent = button?.dataset.confirmLabel ?? button?.textContent.trim() ?? go.textContent;
    go.className = `btn ${(button?.className ?? "").includes("danger") ? "btn-danger" : "btn-primary"}`;
    go.onclick = () => { dialog.close(); then(); };
    dialog.showModal();
  };
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const text = button?.dataset.confirm ?? event.target.dataset.confirm;
    if (!text || !one("#confirm") || asked === event.target) { asked = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(text, button, () => { asked = event.target; event.target.requestSubmit(button); });
  }, true);
  // The same question for what htmx sends itself (hx-confirm).
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt, () => event.detail.issueRequest(true));
  });

  // "j" and "k" walk through the rows of a list; Enter opens the one, "x" ticks it.
  const walk = (step) => {
    const rows = all("#listing tr[data-href], #listing tbody tr, .walk-line");
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("is-at"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))] ?? rows[0];
    for (const row of rows) row.classList.toggle("is-at", row === next);
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const atRow = (key) => {
    const row = one(".is-at");
    if (!row) return false;
    if (key === "Enter" && row.dataset.href) window.location.assign(row.dataset.href);
    else if (key === "x") one("input[data-row]", row)?.click();
    else return false;
    return true;
  };

  // Keys: "/" searches, "?" explains, "g" and a letter goes to a section.
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of all("details.menu[open]")) { menu.open = false; one("summary", menu).focus(); }
      toggleRail(false);
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
    else if ((event.key === "x" || event.target.closest("tr.is-at")) && atRow(event.key)) event.preventDefault();
    else if (event.key === "/") { event.preventDefault(); one("#search")?.focus(); }
    else if (event.key === "?") one("#keys")?.showModal();
    else if (event.key === "g") going = Date.now();
    else if (Date.now() - going < 1200) { going = 0; const link = one(`#rail [data-key="${event.key}"]`); if (link) window.location.assign(link.href); }
  });

  // On a phone a row of tabs is wider than the screen: an open one beyond its edge is brought into sight, without moving the page.
  const showOpenTab = (root) => {
    for (const open of all(".tabs [aria-current], .settings > nav [aria-current]", root)) {
      const [row, from] = [open.parentElement, open.offsetLeft - open.parentElement.offsetLeft];
      const beyond = from + open.offsetWidth - row.clientWidth;
      if (beyond > row.scrollLeft) row.scrollLeft = beyond;
    }
  };

  const settle = (root) => {
    for (const form of all("form", root)) countRows(form);
    showOpenTab(root);
    showWhen(root);
    offerServices(root);
    for (const line of all(".toast-line:not([data-timed])")) {
      line.dataset.timed = "1";
      if (!line.classList.contains("error")) setTimeout(() => line.remove(), 6000);
    }
    for (const dialog of all("dialog[data-open]", root)) { dialog.removeAttribute("data-open"); dialog.showModal(); }
  };
  // After one line of a walk was picked, the next one is under the thumb and has the focus.
  document.addEventListener("htmx:afterSettle", (event) => {
    const next = event.detail.requestConfig?.verb === "post" && one(".walk-line:not(.is-done) [data-pick]");
    if (!next) return;
    next.focus({ preventScroll: true });
    next.closest("li").scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("DOMContentLoaded", () => settle(document));
  document.addEventListener("htmx:afterSettle", (event) => settle(event.target.parentElement ?? document));
  document.addEventListener("htmx:responseError", () => { const line = one("#trouble"); if (line) one("#toasts").append(line.content.cloneNode(true)); settle(document); });
})();
