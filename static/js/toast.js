// Passing messages: they close by button, and the good ones by themselves unless somebody is reading them.

const STAY_MS = 8000;

function watch(element) {
  if (element.getAttribute("role") === "alert") return;
  const close = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(close, 2000);
    else element.remove();
  };
  setTimeout(close, STAY_MS);
}

const wordsOf = (toast) => toast.querySelector("p")?.textContent;

// The newest of the same words stays: two panels that failed together say it once.
function dropTwins(toast) {
  for (const other of toast.parentElement.querySelectorAll(".toast")) {
    if (other !== toast && wordsOf(other) === wordsOf(toast)) other.remove();
  }
}

// Any script may say something: dispatch "toast" with { text, kind }. The same text is not shown twice at once.
function show({ text, kind = "info" }) {
  const region = document.getElementById("toasts");
  if (!region || [...region.querySelectorAll("p")].some((line) => line.textContent === text)) return;
  const element = document.createElement("div");
  element.className = `toast toast--${kind}`;
  element.setAttribute("role", kind === "error" ? "alert" : "status");
  const line = document.createElement("p");
  line.textContent = text;
  const button = Object.assign(document.createElement("button"), { className: "toast__close", type: "button", textContent: "×" });
  button.dataset.toastClose = "";
  button.setAttribute("aria-label", "Close");
  element.append(line, button);
  region.append(element);
}

const region = document.getElementById("toasts");
if (region) {
  region.querySelectorAll(".toast").forEach(watch);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.isConnected && node.matches?.(".toast")) { dropTwins(node); watch(node); }
  }).observe(region, { childList: true, subtree: true });
}
document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) event.target.closest(".toast").remove();
});
