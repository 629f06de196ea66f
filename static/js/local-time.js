// Every <time data-local="time|stamp|date|datetime|age"> in the viewer's own zone; ages tick once a second.
// A .freshness with data-stale-after (seconds) says for itself when its number has grown old.

const formats = {
  time: { hour: "numeric", minute: "2-digit" },
  stamp: { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" },
  date: { month: "short", day: "numeric" },
  datetime: { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
};
for (const [name, options] of Object.entries(formats)) formats[name] = new Intl.DateTimeFormat(undefined, options);
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

function age(seconds) {
  if (seconds < 2) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} d ago`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function draw(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.valueOf())) return;
  element.title ||= exact.format(at);
  if (element.dataset.local !== "age") return write(element, (formats[element.dataset.local] ?? formats.datetime).format(at));
  const seconds = (Date.now() - at) / 1000;
  const freshness = element.closest("[data-stale-after]");
  const stale = freshness !== null && seconds > Number(freshness.dataset.staleAfter);
  freshness?.toggleAttribute("data-stale", stale);
  write(element, stale ? `stale since ${formats.time.format(at)}` : age(seconds));
}

const drawAll = () => document.querySelectorAll("time[data-local]").forEach(draw);
drawAll();
document.addEventListener("htmx:after:swap", drawAll);
setInterval(drawAll, 1000);
