// The last values, one below the other.

import { drawn, element } from "./elements.js";

const MOST_POINTS = 120;
const seen = {};

export function showValues(list, facts, changed) {
  for (const name of Object.keys(changed)) {
    if (!name.startsWith("value ")) continue;
    const fact = changed[name];
    const key = name.slice("value ".length);
    const before = list.querySelector(`[data-name="${CSS.escape(key)}"]`);
    if (fact === null) {
      before?.remove();
      delete seen[key];
      continue;
    }
    const row = before ?? element("div", { class: "value", "data-name": key, tabindex: "-1" });
    row.replaceChildren(...parts(key, fact));
    if (!before) put(list, row, facts.tube?.result);
  }
}

// First what is returned, then signals, then assets, then inputs.
function put(list, row, result) {
  const rank = (name) => (name === result ? 0 : /(^|\.)input\.[^.]*$/.test(name) ? 3 : /(^|\.)assets\.[^.]*$/.test(name) ? 2 : 1);
  const own = rank(row.dataset.name);
  list.insertBefore(row, [...list.children].find((other) => rank(other.dataset.name) > own) ?? null);
}

function parts(key, fact) {
  const count = fact.count ? `${fact.count.toLocaleString("en")} ×` : "";
  const head = element("div", { class: "head" }, element("span", { class: "name" }, key), element("span", { class: "count" }, count));
  return [head, element("div", { class: "body" }, ...body(key, fact))];
}

function body(key, fact) {
  const about = fact.size ? [element("div", { class: "about" }, fact.size)] : [];
  switch (fact.kind) {
    case "number":
      return [element("div", { class: "row" }, element("span", { class: "number" }, fact.text), sparkline(remembered(key, fact)))];
    case "series":
      return [sparkline(fact.points, "series"), element("div", { class: "about" }, fact.size ?? fact.text)];
    case "picture":
      return [picture(key, fact), element("div", { class: "about" }, fact.text)];
    case "table":
      return [element("div", { class: "wide-table" }, table(fact)), ...about];
    default:
      return [element("pre", {}, fact.whole ?? fact.text), ...(fact.whole?.length > 80 ? about : [])];
  }
}

function remembered(key, fact) {
  const points = (seen[key] ??= []);
  points.push(fact.number);
  if (points.length > MOST_POINTS) points.shift();
  return points;
}

function sparkline(points, kind = "") {
  const numbers = points.filter((point) => point !== null);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const height = (point) => (high > low ? 26 - ((point - low) / (high - low)) * 24 : 14);
  const step = 100 / Math.max(points.length - 1, 1);
  let path = "";
  points.forEach((point, at) => {
    if (point !== null) path += `${path && points[at - 1] !== null ? "L" : "M"}${(at * step).toFixed(2)} ${height(point).toFixed(2)}`;
  });
  const attributes = { class: `spark ${kind}`, viewBox: "0 0 100 28", preserveAspectRatio: "none", "aria-hidden": "true" };
  return drawn("svg", attributes, drawn("path", { d: path }));
}

function picture(key, fact) {
  const image = element("img", { src: fact.source, alt: `${key}, ${fact.text}` });
  const scale = Math.max(Math.floor(200 / Math.max(fact.width, fact.height)), 1);
  image.width = Math.min(fact.width, 240) * (fact.width <= 240 ? scale : 1);
  return image;
}

function table(fact) {
  const rows = fact.rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  const head = element("tr", {}, ...fact.columns.map((name) => element("th", { scope: "col" }, name)));
  return element("table", {}, ...(fact.columns.length > 0 ? [head] : []), ...rows);
}

export function select(list, names) {
  for (const row of list.children) row.classList.toggle("selected", names.includes(row.dataset.name));
  list.querySelector(".selected")?.scrollIntoView({ block: "nearest" });
}
