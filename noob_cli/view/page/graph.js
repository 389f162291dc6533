// The graph that the server has drawn, with what is known of the run beside its nodes and edges.

// As many as the server has left room for.
const MOST_LETTERS = 11;
// How small a graph may become at first so that all of it is seen.
const LEAST_SCALE = 0.75;
let shown = "";
let isWhole = null;
let told = () => {};
let beside = new Map();

export function onSelect(tell) {
  told = tell;
}

export function drawGraph(place, tube) {
  if (tube.graph === shown) return;
  shown = tube.graph;
  if (tube.graph === null) {
    place.textContent = tube.no_graph;
    return;
  }
  // The server has escaped all that comes from the tube.
  place.innerHTML = tube.graph;
  const svg = place.querySelector("svg");
  beside = new Map([...svg.querySelectorAll(".beside")].map((label) => [label.dataset.beside, label]));
  for (const box of svg.querySelectorAll(".box")) {
    const select = () => selectOnly(svg, box, (name) => emittedBy(box, name));
    box.addEventListener("click", select);
    box.addEventListener("focus", select);
  }
  for (const edge of svg.querySelectorAll(".edge")) {
    const select = () => selectOnly(svg, edge, (name) => name === sourceOf(edge));
    edge.setAttribute("tabindex", "-1");
    for (const part of [edge, beside.get(edge.dataset.edge)]) part?.addEventListener("click", select);
    edge.addEventListener("focus", select);
  }
  svg.addEventListener("keydown", (event) => {
    const next = nextTo(svg, event.target, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  const scale = Math.min(place.clientWidth / svg.width.baseVal.value, place.clientHeight / svg.height.baseVal.value);
  showWhole(place, isWhole ?? scale >= LEAST_SCALE);
}

export function isSeenWhole() {
  return isWhole;
}

export function showWhole(place, isIt) {
  isWhole = isIt;
  const svg = place.querySelector("svg");
  svg?.classList.toggle("whole", isWhole);
  // Where it begins, since a large one is mostly empty in its corner.
  svg?.querySelector(".box.source, .box")?.scrollIntoView({ block: "nearest", inline: "center" });
}

// Down and up follow the values, from a box to its edges, and on to the boxes at their other ends; right and left go from
// one of these edges to the next.
const OTHER = { from: "to", to: "from" };
let begunAt = "from";

function nextTo(svg, here, key) {
  const edges = [...svg.querySelectorAll(".edge")];
  const towards = { ArrowDown: "to", ArrowUp: "from" }[key];
  if (here.matches(".box")) {
    if (towards) begunAt = OTHER[towards];
    return towards && edges.find((edge) => edge.dataset[begunAt] === here.dataset.node);
  }
  if (towards) return [...svg.querySelectorAll(".box")].find((box) => box.dataset.node === here.dataset[towards]);
  const others = edges.filter((edge) => edge.dataset[begunAt] === here.dataset[begunAt]);
  return others[others.indexOf(here) + { ArrowRight: 1, ArrowLeft: -1 }[key]];
}

const sourceOf = (edge) => edge.dataset.edge.slice(0, edge.dataset.edge.lastIndexOf("->"));

function emittedBy(box, name) {
  const own = box.dataset.node;
  return name === own || name.slice(0, name.lastIndexOf(".")) === own;
}

function selectOnly(svg, chosen, isMeant) {
  for (const each of svg.querySelectorAll(".selected")) each.classList.remove("selected");
  chosen.classList.add("selected");
  told([...document.querySelectorAll("#values > .value")].map((row) => row.dataset.name).filter(isMeant));
}

export function markGraph(place, facts) {
  const svg = place.querySelector("svg");
  if (!svg) return;
  const atWork = new Set(["running", "starting"].includes(facts.run?.state) ? facts.run.at : []);
  for (const edge of svg.querySelectorAll(".edge")) {
    const value = facts[`value ${sourceOf(edge)}`];
    write(beside.get(edge.dataset.edge)?.querySelector(".last"), value ? cut(value.short ?? value.text) : "");
    say(edge, value?.text);
  }
  for (const box of svg.querySelectorAll(".box")) {
    const name = box.dataset.node;
    const error = facts[`error ${name}`];
    box.classList.toggle("at-work", atWork.has(name));
    if (error && !box.classList.contains("failed")) box.scrollIntoView({ block: "nearest", inline: "center" });
    box.classList.toggle("failed", Boolean(error));
    const text = error ? "failed" : spent(facts[`time ${name}`]);
    write(box.querySelector(".badge"), text);
    say(box, text);
  }
}

// What is read out: what the server says that it is, and what is known of it.
function say(target, text) {
  target.dataset.said ??= target.getAttribute("aria-label");
  const label = text ? `${target.dataset.said}: ${text}` : target.dataset.said;
  if (target.getAttribute("aria-label") !== label) target.setAttribute("aria-label", label);
}

const cut = (text) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text);

function spent(time) {
  if (!time || time.calls === 0) return "";
  return `${time.calls.toLocaleString("en", { notation: "compact" })} × ${inUnits(time.mean)}`;
}

function inUnits(seconds) {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toPrecision(3)} ms`;
  if (seconds >= 1e-6) return `${(seconds * 1e6).toPrecision(3)} µs`;
  return `${(seconds * 1e9).toFixed()} ns`;
}

function write(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}
