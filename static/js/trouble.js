// When the server does not answer or breaks: somebody who pressed a button is told so, in words;
// a form may bring its own words in data-silence.
// A panel that refreshes by itself ([data-live]) is marked as old until it succeeds again.

const AFTER_A_POST = "No answer from the server. Do not send it again: look at your orders first.";
const AFTER_A_GET = "No answer from the server. Nothing is lost; try again in a moment.";

const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind: "error" } }));

function failed(event) {
  const { ctx } = event.detail;
  if (!ctx || (ctx.response && ctx.response.status < 500)) return;
  if (["submit", "click"].includes(ctx.sourceEvent?.type)) {
    say(ctx.sourceElement.dataset.silence ?? (ctx.request.method === "GET" ? AFTER_A_GET : AFTER_A_POST));
  }
  ctx.sourceElement.closest?.("[data-live]")?.setAttribute("data-stale", "");
}

document.addEventListener("htmx:error", failed);
document.addEventListener("htmx:response:error", failed);
document.addEventListener("htmx:after:swap", (event) => {
  event.target.closest?.("[data-live]")?.removeAttribute("data-stale");
});
