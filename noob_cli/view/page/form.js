// The inputs as a form: texts, as on the command line; what is left empty is not given.

import { element, show } from "./elements.js";

let shown = "";
// The address has a token in it, which no other page has.
const KEPT = location.pathname;

export function showForm(form, fields, facts) {
  const inputs = (facts.starts && facts.tube?.inputs) || [];
  const now = JSON.stringify([inputs, facts.given]);
  if (now === shown) return;
  shown = now;
  const before = given(fields);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  const texts = { ...facts.given, ...kept.inputs, ...before.inputs };
  const ofRun = inputs.filter((input) => !input.of_records);
  const ofRecords = inputs.filter((input) => input.of_records);
  fields.replaceChildren(...ofRun.map((input) => field(input, texts[input.name] ?? "")));
  if (ofRecords.length > 0) fields.append(recordsField(ofRecords, before.records || (kept.records ?? "")));
  show(form, inputs.length > 0);
}

function field(input, text) {
  const box = element("input", { name: input.name, placeholder: input.default, autocomplete: "off", spellcheck: "false" });
  box.type = input.secret ? "password" : "text";
  box.value = text;
  return labelled(input.name, input.required ? `${input.type}, required` : input.type, input.description, box);
}

function recordsField(inputs, text) {
  const example = Object.fromEntries(inputs.map((input) => [input.name, `<${input.type}>`]));
  const box = element("textarea", { "data-records": "", rows: 4, spellcheck: "false" });
  box.placeholder = JSON.stringify(example);
  box.dataset.secret = inputs.some((input) => input.secret);
  box.value = text;
  return labelled("records", "an epoch for each line", "Each line is a record, as JSON.", box);
}

const labelled = (name, type, about, box) =>
  element(
    "label",
    {},
    element("span", {}, `${name} `, element("span", { class: "type" }, type)),
    box,
    ...(about ? [element("span", { class: "about" }, about)] : [])
  );

// What is wrong with an input, below it; with a record, below all of them.
export function showWrong(fields, wrong) {
  for (const text of fields.querySelectorAll(".wrong")) text.remove();
  for (const box of fields.querySelectorAll("input, textarea")) {
    const isIt = Boolean(wrong) && (wrong.input === null ? box.matches("textarea") : box.name === wrong.input);
    box.setAttribute("aria-invalid", String(isIt));
    if (!isIt) continue;
    box.after(element("span", { class: "wrong", role: "alert" }, wrong.text));
    box.scrollIntoView({ block: "nearest" });
  }
}

// What has been filled in is there again when the page is loaded again, but for secrets, and for records with such.
export function keepInputs(fields) {
  const { inputs, records } = given(fields);
  for (const box of fields.querySelectorAll("input[type=password]")) delete inputs[box.name];
  const hasSecrets = fields.querySelector("textarea[data-secret=true]") !== null;
  sessionStorage.setItem(KEPT, JSON.stringify({ inputs, records: hasSecrets ? "" : records }));
}

export function given(fields) {
  const inputs = {};
  for (const box of fields.querySelectorAll("input")) if (box.value !== "") inputs[box.name] = box.value;
  const records = fields.querySelector("textarea")?.value ?? "";
  return { inputs, records: records.trim() === "" ? "" : `${records.trim()}\n` };
}
