// The page: it hears facts, keeps the last of each, and shows what has changed.

import { element, show } from "./elements.js";
import { given, keepInputs, showForm, showWrong } from "./form.js";
import { drawGraph, isSeenWhole, markGraph, onSelect, showWhole } from "./graph.js";
import { select, showValues } from "./values.js";

const facts = {};
const byId = (id) => document.getElementById(id);
let isConnected = false;

// The exit codes of a run that a signal has stopped: SIGHUP, SIGINT, SIGTERM.
const STOPPED = [129, 130, 143];

const inWords = {
  idle: "ready",
  starting: "starting",
  running: "running",
  paused: "paused",
  ended: "ended",
};

const isUnderWay = () => ["starting", "running", "paused"].includes(facts.run?.state);

async function send(command, body = {}) {
  let refusal = "";
  try {
    const answer = await fetch(`do/${command}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) refusal = (await answer.json()).error;
  } catch {
    refusal = "the program that serves this page has ended";
  }
  refuse(refusal);
}

function refuse(refusal) {
  byId("refusal").textContent = refusal;
  show(byId("refusal"), refusal !== "");
}

function showState() {
  const run = facts.run ?? { state: "idle" };
  const hasFailed = run.state === "ended" && run.code && !STOPPED.includes(run.code);
  let words = hasFailed ? `ended with exit code ${run.code}` : STOPPED.includes(run.code) ? "stopped" : inWords[run.state];
  if (run.state === "running" && run.waiting >= 1) words = `${run.at.join(", ")} for ${run.waiting} s`;
  // A run of the shell takes the program with it.
  const isOver = run.state === "ended" && facts.starts === false;
  if (!isConnected) words = isOver ? "the run has ended" : "the program that serves this page has ended";
  const state = byId("state");
  if (state.textContent !== words) state.textContent = words;
  state.className = (!isConnected && !isOver) || hasFailed ? "failed" : run.state;
  const canBeTold = isConnected && isUnderWay();
  // Without the tube there is no form yet: a run would begin without its inputs.
  const canStart = isConnected && facts.starts && Boolean(facts.tube) && !canBeTold;
  show(byId("start"), canStart);
  show(byId("pause"), canBeTold && run.state !== "paused");
  show(byId("go"), canBeTold && run.state === "paused");
  show(byId("step"), canBeTold || canStart);
  show(byId("stop"), canBeTold);
  const counts = { epochs: run.epochs, results: run.results, seconds: run.seconds };
  byId("counts").replaceChildren(
    ...Object.entries(counts)
      .filter(([, count]) => count !== undefined)
      .map(([name, count]) => element("div", {}, element("dt", {}, name), element("dd", {}, count.toLocaleString("en"))))
  );
}

function showTube() {
  const tube = facts.tube;
  document.title = `${tube.name} · noob view`;
  byId("name").textContent = tube.name;
  byId("name").title = tube.file;
  byId("description").textContent = tube.description ?? "";
  show(byId("description"), Boolean(tube.description));
  showNested(tube);
  drawGraph(byId("graph"), tube);
  byId("whole").setAttribute("aria-pressed", String(isSeenWhole()));
}

function showNested(tube) {
  const folded = new Set(tube.folded);
  const turn = (name) => () => {
    const others = tube.nested.filter((each) => (each === name ? !folded.has(each) : folded.has(each)));
    send("fold", { folded: others });
  };
  byId("nested").replaceChildren(
    ...tube.nested.map((name) => {
      const button = element("button", { "aria-pressed": String(!folded.has(name)) }, `${folded.has(name) ? "▸" : "▾"} ${name}`);
      button.title = folded.has(name) ? "Show what is in this tube" : "Show this tube as one box";
      button.addEventListener("click", turn(name));
      return button;
    })
  );
}

function showProblems() {
  byId("problems").replaceChildren(
    ...(facts.problems ?? []).map((problem) =>
      element(
        "li",
        {},
        element("span", { class: "place" }, problem.place ? `${problem.place}: ` : ""),
        element("span", { class: `${problem.severity}-word` }, problem.severity),
        ` ${problem.code ? `[${problem.code}] ` : ""}${problem.message}`,
        ...[problem.hint, ...(problem.related ?? [])].filter(Boolean).map((text) => element("span", { class: "hint" }, text))
      )
    )
  );
}

function showErrors() {
  const errors = Object.entries(facts).filter(([name, fact]) => name.startsWith("error ") && fact);
  byId("errors").replaceChildren(
    ...errors.map(([name, error]) => {
      const when = error.epoch === null ? "" : `, epoch ${error.epoch}`;
      return element(
        "article",
        {},
        element("h3", {}, `${name.slice(6)}${when}`),
        element("pre", {}, error.text)
      );
    })
  );
  show(byId("errors"), errors.length > 0);
}

function showMessages() {
  const messages = byId("messages");
  const lines = facts.messages ?? [];
  show(messages, lines.length > 0);
  const text = messages.querySelector("pre");
  text.textContent = lines.join("\n");
  text.scrollTop = text.scrollHeight;
}

function hear(changed) {
  if (changed.run && changed.run.state !== facts.run?.state) refuse("");
  for (const [name, fact] of Object.entries(changed)) {
    if (fact === null) delete facts[name];
    else facts[name] = fact;
  }
  const names = Object.keys(changed);
  const isAbout = (...beginnings) => names.some((name) => beginnings.some((beginning) => name.startsWith(beginning)));
  if (isAbout("tube", "given")) {
    if (facts.tube) showTube();
    showForm(byId("form"), byId("inputs"), facts);
  }
  if (isAbout("wrong", "tube", "given")) {
    showWrong(byId("inputs"), facts.wrong);
    if (facts.wrong) byId("form").open = true;
  }
  if (isAbout("problems")) showProblems();
  if (isAbout("error ")) showErrors();
  if (isAbout("messages")) showMessages();
  if (isAbout("value ", "tube")) {
    showValues(byId("values"), facts, changed);
    show(byId("none"), byId("values").childElementCount === 0);
  }
  showState();
  markGraph(byId("graph"), facts);
}

for (const command of ["pause", "go", "stop"]) {
  byId(command).addEventListener("click", () => send(command));
}
byId("start").addEventListener("click", () => send("start", given(byId("inputs"))));
byId("step").addEventListener("click", () => {
  if (isUnderWay()) send("step");
  else send("start", { ...given(byId("inputs")), held: true });
});
byId("whole").addEventListener("click", () => {
  showWhole(byId("graph"), !isSeenWhole());
  byId("whole").setAttribute("aria-pressed", String(isSeenWhole()));
});
byId("inputs").addEventListener("input", () => keepInputs(byId("inputs")));
onSelect((names) => select(byId("values"), names));

const events = new EventSource("events");
events.addEventListener("open", () => {
  isConnected = true;
  for (const name of Object.keys(facts)) delete facts[name];
  byId("values").replaceChildren();
});
events.addEventListener("message", (event) => hear(JSON.parse(event.data)));
events.addEventListener("over", () => events.close());
for (const end of ["over", "error"]) {
  events.addEventListener(end, () => {
    isConnected = false;
    showState();
  });
}
