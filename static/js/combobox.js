// Keyboard for [data-combobox]: arrows walk the options that the server drew, Enter takes one, Escape closes.
// Focus stays in the input; aria-activedescendant tells which option is meant.

const parts = (box) => ({
  input: box.querySelector("[role=combobox]"),
  options: [...box.querySelectorAll("[role=option]")],
});

function expand(box, open) {
  const { input, options } = parts(box);
  input.setAttribute("aria-expanded", String(open && box.querySelector("[role=listbox]").childElementCount > 0));
  if (!open) choose(input, options, -1);
}

function choose(input, options, index) {
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  if (index < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", options[index].id);
  options[index].scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const box = event.target.closest?.("[data-combobox]");
  if (!box || event.isComposing) return;
  const { input, options } = parts(box);
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") {
    expand(box, false);
  } else if (event.key === "Enter" && input.getAttribute("aria-expanded") === "true" && at >= 0) {
    event.preventDefault();
    options[at].click();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
    event.preventDefault();
    expand(box, true);
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(input, options, (Math.max(at, step === 1 ? -1 : 0) + step + options.length) % options.length);
  }
}

document.addEventListener("keydown", onKey);
document.addEventListener("htmx:after:swap", (event) => {
  const box = event.detail.ctx?.target?.closest?.("[data-combobox]") ?? event.target.closest?.("[data-combobox]");
  if (box?.contains(document.activeElement)) expand(box, true);
});
document.addEventListener("focusin", (event) => {
  for (const box of document.querySelectorAll("[data-combobox]")) expand(box, box.contains(event.target));
});
document.addEventListener("pointerdown", (event) => {
  for (const box of document.querySelectorAll("[data-combobox]")) if (!box.contains(event.target)) expand(box, false);
});
