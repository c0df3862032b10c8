"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const PAGE = 50;
const VERDICTS = ["better", "worse"];
const make = (tag, text, name) => { const node = document.createElement(tag); if (text !== undefined) node.textContent = text; if (name) node.className = name; return node; };
const shown = (value, column) => {
  if (value === null || value === undefined) return column.kind === "text" ? "" : "–";
  if (typeof value !== "number" || column.digits === null) return String(value);
  const number = value.toFixed(column.digits).replace(/^-(?=[0.]*$)/, "");
  return column.signed && value > 0 && Number(number) !== 0 ? `+${number}` : number;
};
function cell(value, column) {
  if (column.kind === "text") return make("td", shown(value, column), VERDICTS.includes(value) ? value : column.wide ? "wide" : "");
  const td = make("td", undefined, "number");
  if (column.kind === "interval" && Array.isArray(value)) {
    td.append(shown(value[0], column));
    const plain = { ...column, signed: false };
    if (value[1] !== null) td.append(" ", make("span", `[${shown(value[1], plain)}, ${shown(value[2], plain)}]`, "interval"));
  } else td.textContent = shown(value, column);
  return td;
}
const key = (value) => (Array.isArray(value) ? value[0] : value);
function compare(a, b) {
  const [x, y] = [key(a), key(b)];
  if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;
  if (y === null || y === undefined) return -1;
  return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
}
function detail(run, width) {
  const tr = make("tr", undefined, "detail"), td = make("td");
  td.colSpan = width;
  td.append(make("p", "The command that makes it"), make("pre", run.command, "command"));
  if (run.error) td.append(make("p", run.error, "bad"));
  const config = { ...DATA.config };
  for (const [name, value] of Object.entries(run.config || {})) { if (value === "(absent)") delete config[name]; else config[name] = value; }
  const lines = Object.keys(config).map((name) => `${name}: ${typeof config[name] === "object" ? JSON.stringify(config[name]) : config[name]}`);
  if (run.config) td.append(make("p", `Configuration, ${run.folder}`), make("pre", lines.join("\n")));
  tr.append(td);
  return tr;
}
function build(host) {
  const table = DATA.tables[host.dataset.table], { columns } = table;
  const search = make("input"), count = make("span", "", "count"), tools = make("div", undefined, "tools");
  search.type = "search"; search.placeholder = "filter: words that a row must hold"; search.setAttribute("aria-label", "Filter the table");
  tools.append(search, count);
  const scroll = make("div", undefined, "scroll"), element = make("table"), head = make("thead"), body = make("tbody"), row = make("tr");
  const more = make("button", "show more", "more");
  let order = table.rows.map((_, k) => k), sorted = null, limit = PAGE;
  const words = table.rows.map((cells) => cells.map((value, k) => (Array.isArray(value) ? shown(value[0], columns[k]) : shown(value, columns[k]))).join(" ").toLowerCase());
  columns.forEach((column, k) => {
    const th = make("th", undefined, column.kind === "text" ? "" : "number"), button = make("button", column.label);
    th.scope = "col";
    if (column.help) th.title = column.help;
    if (!table.sortable) { th.textContent = column.label; row.append(th); return; }
    button.type = "button";
    button.addEventListener("click", () => {
      const down = sorted && sorted.k === k ? !sorted.down : column.kind !== "text";
      sorted = { k, down };
      const empty = (i) => key(table.rows[i][k]) === null || key(table.rows[i][k]) === undefined;
      order.sort((a, b) => (empty(a) || empty(b) ? empty(a) - empty(b) : (down ? -1 : 1) * compare(table.rows[a][k], table.rows[b][k])) || a - b);
      row.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      draw();
    });
    th.append(button); row.append(th);
  });
  const drawn = new Map(); // a row is made once, whatever is sorted and filtered later
  function line(k) {
    const tr = make("tr");
    tr.append(...table.rows[k].map((value, c) => cell(value, columns[c])));
    if (table.details) {
      tr.className = "pick"; tr.tabIndex = 0;
      const toggle = () => { if (tr.classList.toggle("open")) tr.after(detail(table.details[k], columns.length)); else tr.nextSibling.remove(); };
      tr.addEventListener("click", toggle);
      tr.addEventListener("keydown", (event) => { if (event.key === "Enter") toggle(); });
    }
    return tr;
  }
  function draw() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = order.filter((k) => wanted.every((word) => words[k].includes(word)));
    body.replaceChildren(...hits.slice(0, limit).map((k) => {
      if (!drawn.has(k)) drawn.set(k, line(k));
      const tr = drawn.get(k);
      tr.classList.remove("open");
      return tr;
    }));
    count.textContent = hits.length === table.rows.length ? `${hits.length} rows` : `${hits.length} of ${table.rows.length} rows`;
    more.hidden = hits.length <= limit;
  }
  search.addEventListener("input", () => { limit = PAGE; draw(); });
  more.addEventListener("click", () => { limit += 4 * PAGE; draw(); });
  head.append(row); element.append(head, body); scroll.append(element);
  if (table.rows.length > 8 && table.sortable) host.append(tools);
  host.append(scroll, more);
  draw();
}
function grid(host) { // pictures side by side, a row for each pair of the first two columns
  const { columns, rows } = DATA.tables[host.dataset.table], at = columns.findIndex((column) => column.kind === "picture"), groups = new Map();
  for (const row of rows) {
    const name = `${row[0]}, ${row[1]}`;
    if (!groups.has(name)) groups.set(name, make("div", undefined, "grid"));
    const figure = make("figure"), image = make("img"), words = make("figcaption");
    if (String(row[at]).startsWith("data:image/png;base64,")) image.src = row[at];
    image.alt = name;
    columns.forEach((column, k) => {
      if (k < 2 || k === at || row[k] === null || row[k] === "") return;
      if (column.label === "its probability") words.lastChild.before(` ${shown(row[k], column)}`);
      else words.append(make("span", `${column.label} `), make("b", shown(row[k], column)), make("br"));
    });
    figure.append(image, words);
    groups.get(name).append(figure);
  }
  groups.forEach((box, name) => host.append(make("h3", name), box));
}
document.querySelectorAll("[data-table]").forEach((host) => {
  const folded = host.closest("details"), draw = DATA.tables[host.dataset.table].columns.some((column) => column.kind === "picture") ? grid : build;
  if (folded) folded.addEventListener("toggle", () => host.childElementCount || draw(host));
  else draw(host);
});

/* Figures: the pointer reads points, a click on a legend hides a line, dragging enlarges, a double click shows all again. */
function enliven(box) {
  const svg = box.querySelector("svg"), points = JSON.parse(svg.dataset.points), whole = svg.getAttribute("viewBox");
  const tip = make("div", "", "tip"), hidden = new Set();
  const parts = (kind, k) => svg.querySelectorAll(`[id*="-${kind}${k}-"]`);
  const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  let start = null;
  tip.hidden = true;
  box.append(tip);
  function read(event) {
    const at = place(event), reach = 12 / svg.getScreenCTM().a;
    let best = null, least = reach;
    for (const point of points) {
      const far = Math.hypot(point[0] - at.x, point[1] - at.y);
      if (far < least && !hidden.has(point[2])) [best, least] = [point, far];
    }
    tip.hidden = best === null;
    if (best === null) return;
    const there = new DOMPoint(best[0], best[1]).matrixTransform(svg.getScreenCTM()), frame = box.getBoundingClientRect();
    tip.textContent = best[3];
    const half = tip.offsetWidth / 2, x = there.x - frame.left + box.scrollLeft;
    tip.style.left = `${Math.min(Math.max(x, half), Math.max(half, box.scrollWidth - half))}px`;
    tip.style.top = `${Math.max(there.y - frame.top, 1.6 * tip.offsetHeight)}px`;
  }
  svg.addEventListener("pointermove", read);
  svg.addEventListener("pointerdown", (event) => { read(event); start = event.pointerType === "mouse" ? place(event) : null; });
  svg.addEventListener("pointerup", (event) => {
    const end = place(event);
    if (start && Math.abs(end.x - start.x) > 15 && Math.abs(end.y - start.y) > 15) {
      svg.setAttribute("viewBox", `${Math.min(start.x, end.x)} ${Math.min(start.y, end.y)} ${Math.abs(end.x - start.x)} ${Math.abs(end.y - start.y)}`);
      tip.hidden = true;
    }
    start = null;
  });
  svg.addEventListener("pointerleave", () => { tip.hidden = true; start = null; });
  svg.addEventListener("dblclick", () => svg.setAttribute("viewBox", whole));
  for (const key of svg.querySelectorAll('[id*="-key"]')) {
    const k = Number(/-key(\d+)-/.exec(key.id)[1]);
    key.setAttribute("role", "button");
    key.addEventListener("click", () => {
      if (!hidden.delete(k)) hidden.add(k);
      parts("series", k).forEach((part) => { part.style.display = hidden.has(k) ? "none" : ""; });
      parts("key", k).forEach((part) => part.classList.toggle("off", hidden.has(k)));
    });
  }
}
document.querySelectorAll(".figure").forEach(enliven);
