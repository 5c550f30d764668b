"use strict";
// The picker, the comparison of two, sorting, filters and tooltips. The page reads without any of it. Types: tsc --checkJs.
/** @typedef {{id: string, title: string, setting: string, tasks: number[], caveats: [number, string][], cold: number[], later: number[]}} Column */
/** @typedef {"cold" | "later" | "memory"} Kind */
/** @typedef {{ratio: number, low: number, high: number, p: number, n: number}} Ratio: 0 where an end is unknown, p 2 where it is; n blocks */
/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Partial<HTMLElementTagNameMap[T]>} properties */
const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
/** @param {string} selector @param {ParentNode} [within] @returns {HTMLElement[]} */
const all = (selector, within = document) => [...within.querySelectorAll(/** @type {"div"} */ (selector))];
/** @type {{alpha: number, fewest: number, runtimes: string[], columns: Column[], breaks: [number, number, string][]}} */
const data = JSON.parse(find("#data").textContent ?? "{}");
const KINDS = /** @type {Kind[]} */ (["cold", "later", "memory"]);
const COMPARED = KINDS.slice(0, 2);
const TONES = /** @type {Record<string, string>} */ ({ better: "good", worse: "bad" });

// ---- Ratios of two runtimes, in the digits that their intervals support: the rule of the lab's own tables.
/** @param {Column} column @param {Kind} kind @param {string} a @param {string} b @returns {Ratio | undefined} */
function ratioOf(column, kind, a, b) {
  const [i, j, numbers] = [data.runtimes.indexOf(a), data.runtimes.indexOf(b), kind === "memory" ? [] : column[kind]];
  for (let at = 0; at < numbers.length; at += 7) {
    const [one, other, ratio, low, high, p, n] = numbers.slice(at, at + 7);
    if (one === i && other === j) return { ratio, low, high, p, n };
    if (one === j && other === i) return inverse({ ratio, low, high, p, n });
  }
}
/** @param {Ratio} of @returns {Ratio} */
const inverse = (of) => ({ ...of, ratio: 1 / of.ratio, low: of.high && 1 / of.high, high: of.low && 1 / of.low });
/** @param {number} x @param {number} digits @returns the power of ten of the first digit, as rounded to so many */
const order = (x, digits) => (x === 0 || !isFinite(x) ? Infinity : Number(x.toExponential(digits - 1).split("e")[1]));
/** @param {number} x @param {number} half @param {number} most @returns the power of ten of the last digit that is shown */
const lastPlace = (x, half, most) => Math.min(Math.max(order(half, 1), order(x, 2) - most + 1), order(x, 2) - 1);
/** @param {number} x @param {number} last */
function written(x, last) {
  if (last < 0) return x.toFixed(-last);
  const step = 10 ** last;
  return String(Math.round(x / step) * step).replace(/\B(?=(\d{3})+$)/g, ",");
}
/** @param {Ratio} of @returns {string} the ratio and its interval */
function shown({ ratio, low, high }) {
  const isKnown = low > 0 && high > 0;
  for (let digits = 4; ; digits++) {
    const step = 10 ** lastPlace(ratio, isKnown ? (high - low) / 2 : Infinity, digits);
    const show = (/** @type {number} */ x) => written(x, lastPlace(x, step, digits));
    if (isKnown && show(low) === show(high) && digits < 15) continue;
    return isKnown ? `${show(ratio)} [${show(low)}, ${show(high)}]` : show(ratio);
  }
}
/** @param {Ratio} of what its interval says of the first of the two */
const difference = ({ low, high, n }) => (high > 0 && high < 1 ? "better" : low > 1 ? "worse" : n < data.fewest ? "too few blocks" : "cannot tell");
/** @param {Ratio} of @returns {string} the same with the factor, and a star where it is certain among all lines */
function inWords(of) {
  const [words, star] = [difference(of), of.p <= data.alpha ? "*" : ""];
  if (words === "too few blocks") return shared(of.n);
  if (words === "cannot tell") return words;
  return `${words}${star}, by a factor of ${shown(words === "better" ? inverse(of) : of).split(" ")[0]}`;
}
const shared = (/** @type {number} */ n) => `they share ${n || "no"} block${n > 1 ? "s" : ""}; ${data.fewest} are needed`;

// ---- The state, which lives in the address: #runtimes=tokio+threads&compare=tokio+threads&baseline=tokio&kind=later
const boxes = /** @type {HTMLInputElement[]} */ (all('#picker input[name="runtime"]'));
const kinds = /** @type {HTMLInputElement[]} */ (all('input[name="kind"]'));
const presets = all("#picker [data-preset]");
const labelsOf = (/** @type {HTMLElement | undefined} */ preset) => (preset?.dataset.labels ?? "").split(" ").filter(Boolean);
const usual = labelsOf(presets[0]);
const state = { runtimes: usual, a: "", b: "", baseline: "", kind: /** @type {Kind} */ ("cold"), at: "" };
/** @param {string} name @returns a label by its name, or by the end of it where only one has that: `asyncio` */
function labelFor(name) {
  const [ending, another] = data.runtimes.filter((label) => label.endsWith(`-${name}`));
  return data.runtimes.includes(name) ? name : another ? undefined : ending;
}
const labelsIn = (/** @type {string | null} */ words) => /** @type {string[]} */ ((words ?? "").split(/[ +,]/).map(labelFor).filter(Boolean));
function readAddress() {
  const words = new URLSearchParams(location.hash.slice(1));
  if (location.hash && !location.hash.includes("=")) return void ([state.at] = words.keys()); // a place of the page
  const preset = presets.find((one) => one.dataset.preset === words.get("runtimes"));
  const named = preset ? labelsOf(preset) : labelsIn(words.get("runtimes"));
  state.runtimes = named.length ? named : usual;
  const [a, b, more] = labelsIn(words.get("compare"));
  const [baseline = "", kind = "cold"] = [labelsIn(words.get("baseline"))[0], KINDS.find((kind) => kind === words.get("kind"))];
  Object.assign(state, b && !more ? { a, b } : defaultPair(), { baseline, kind, at: words.get("at") ?? "" });
}
/** The two that are shown, or else tokio and threads, or the first two. */
function defaultPair([first, second, third] = state.runtimes) {
  const isKnown = ["tokio", "threads"].every((label) => data.runtimes.includes(label));
  return isKnown && (third || !second) ? { a: "tokio", b: "threads" } : { a: first, b: second ?? first };
}
const sameLabels = (/** @type {string[]} */ a, /** @type {string[]} */ b) => a.length === b.length && a.every((label) => b.includes(label));
function address() {
  const preset = presets.find((one) => sameLabels(labelsOf(one), state.runtimes));
  const parts = [];
  if (!sameLabels(state.runtimes, usual)) parts.push(`runtimes=${preset?.dataset.preset ?? state.runtimes.map(encodeURIComponent).join("+")}`);
  if (!sameLabels([`${state.a}/`, state.b], [`${defaultPair().a}/`, defaultPair().b])) parts.push(`compare=${[state.a, state.b].map(encodeURIComponent).join("+")}`);
  if (state.baseline) parts.push(`baseline=${encodeURIComponent(state.baseline)}`);
  if (state.kind !== "cold") parts.push(`kind=${state.kind}`);
  if (state.at) parts.push(parts.length ? `at=${encodeURIComponent(state.at)}` : encodeURIComponent(state.at));
  return parts.join("&");
}
/** @param {Partial<typeof state>} parts */
function change(parts) {
  Object.assign(state, parts);
  history.replaceState(null, "", `#${address()}`);
  render();
}

// ---- What follows the state
const [owned, naming, claims, wide] = [all("[data-runtime]"), all("[data-named]"), all(".claim"), all(".wide")];
function render() {
  const picked = new Set(state.runtimes);
  for (const element of owned) element.classList.toggle("off", !picked.has(element.dataset.runtime ?? ""));
  for (const element of naming) element.classList.toggle("off", !element.dataset.named?.split(" ").every((label) => picked.has(label)));
  for (const box of boxes) box.checked = picked.has(box.value);
  for (const preset of presets) preset.setAttribute("aria-pressed", String(sameLabels(labelsOf(preset), state.runtimes)));
  find("#picked").textContent = state.runtimes.slice(0, 6).join(", ") + (state.runtimes.length > 6 ? ` and ${state.runtimes.length - 6} more` : "") || "none";
  all("svg[data-lane]").forEach(closeGaps);
  all("svg[role=img]").forEach(spreadNames);
  for (const step of [renderAnswers, renderClaims, renderOverview, renderVersus, hintAtScrolling]) step();
}
const listed = (/** @type {string[]} */ words) => new Intl.ListFormat("en-GB").format(words);
const isChosen = () => !sameLabels(state.runtimes, usual);
function renderAnswers() { // They name the best of all until a chosen pick hides some.
  for (const rest of all(".rest")) {
    const [board, answer] = /** @type {HTMLElement[]} */ ([rest.previousElementSibling, rest.parentElement?.previousElementSibling]);
    const [rows, hidden] = [":not(.off)", ".off"].map((which) => all(`tbody tr${which}:not(.aside)`, board));
    const ranked = hidden.filter((row) => row.querySelector(".rank")?.textContent !== "?");
    const best = hidden.filter((row) => row.matches(".best")).map((row) => row.dataset.runtime).join(", ");
    rest.textContent = ranked.length ? `Not shown: ${ranked.length} more that are ranked${best && `; among the best: ${best}`}.` : "";
    answer.dataset.whole ??= answer.textContent ?? "";
    answer.textContent = hidden.length && isChosen() ? leadOf(rows, board.dataset.unit ?? "") : answer.dataset.whole;
  }
}
/** @param {HTMLElement[]} rows of a board, the best first @param {string} unit @returns {string} */
function leadOf(rows, unit) {
  const part = (/** @type {HTMLElement} */ row, name = ".rank") => row.querySelector(name)?.firstChild?.textContent?.trim() ?? "";
  const best = rows.filter((row) => part(row) === part(rows[0]));
  if (!best.length) return "None of the runtimes picked is ranked here.";
  if (part(best[0]) === "?") return `Which of the runtimes picked is best is not known (too few blocks; needed: ${data.fewest}).`;
  const values = new Set([best[0], best[best.length - 1]].map((row) => part(row, ".number")));
  return `Of the runtimes picked, ${listed(best.map((row) => row.dataset.runtime ?? ""))} ${best.length > 1 ? "are tied for best" : "is best"}: ${[...values].join(" to ")}${unit}.`;
}
function renderClaims() { // Those about other runtimes than a chosen pick has are not shown, but where the address leads to one.
  const isOther = (/** @type {string} */ label) => data.runtimes.includes(label) && !state.runtimes.includes(label);
  for (const claim of claims) claim.classList.toggle("off", isChosen() && labelsOf(claim).some(isOther) && claim.id !== state.at);
  for (const chapter of all(".chapter")) chapter.classList.toggle("off", !all(".claim:not(.off)", chapter).length);
  const hidden = claims.filter((claim) => claim.matches(".off")).length;
  for (const said of all("#unasked")) said.textContent = hidden ? `Not shown: ${hidden} of ${claims.length} claims, about runtimes that are not picked.` : "";
}
/** @param {HTMLElement} svg whose lanes, and what stands below them, move up to where hidden ones were */
function closeGaps(svg) {
  const height = Number(svg.dataset.lane);
  let hidden = 0;
  for (const part of all(".lane, .foot", svg)) part.matches(".off") ? hidden++ : part.setAttribute("transform", `translate(0,${-hidden * height})`);
  svg.setAttribute("viewBox", `0 0 960 ${Number((svg.dataset.whole ??= svg.getAttribute("viewBox")?.split(" ")[3])) - hidden * height}`);
}
/** @param {HTMLElement} svg in which the names of lines that are shown move close to the ends of their lines */
function spreadNames(svg) {
  const tags = all(".tag:not(.off)", svg).sort((a, b) => Number(a.dataset.end) - Number(b.dataset.end));
  const heights = all(".tag", svg).map((tag) => Number(tag.dataset.y));
  const [least, most, places] = [Math.min(...heights), Math.max(...heights), tags.map((tag) => Number(tag.dataset.end))];
  const gap = Math.min(14.5, (most - least) / (tags.length - 1));
  for (let i = 0; i < places.length; i++) places[i] = Math.max(places[i], i ? places[i - 1] + gap : least);
  for (let i = places.length - 1, limit = most; i >= 0; i--, limit -= gap) places[i] = Math.min(places[i], limit);
  tags.forEach((tag, i) => {
    tag.lastElementChild?.setAttribute("transform", `translate(0,${places[i] - Number(tag.dataset.y)})`);
    tag.querySelector("line")?.setAttribute("y2", String(places[i]));
  });
}
function renderOverview() {
  for (const part of all(".overview")) {
    const kind = /** @type {Kind} */ (part.dataset.kind);
    const baseline = kind === "memory" ? "" : state.baseline;
    part.classList.toggle("closed", kind !== state.kind);
    if (part.dataset.baseline === baseline) continue;
    part.dataset.baseline = baseline;
    const columns = all("th[data-column]", part).map((head) => data.columns.find((column) => column.id === head.dataset.column));
    for (const row of all("tbody tr", part)) {
      all("td", row).forEach((cell, place) => {
        if (cell.dataset.tip === undefined) return;
        const { value, number, hint } = Object.assign(cell.dataset, { value: cell.textContent, number: cell.dataset.sort, hint: cell.dataset.tip, ...cell.dataset });
        const [column, runtime, isSame] = [columns[place], row.dataset.runtime ?? "", row.dataset.runtime === baseline];
        const found = baseline && column && !isSame && ratioOf(column, kind, runtime, baseline);
        const ratio = (isSame ? "1" : found ? shown(found).split(" ")[0] : "–") + (value?.endsWith("†") ? "†" : "");
        cell.textContent = baseline ? ratio : value ?? "";
        const words = found ? difference(found) : "";
        for (const [of, tone] of Object.entries(TONES)) cell.classList.toggle(tone, words === of);
        cell.dataset.sort = !baseline ? number : isSame ? "1" : found ? String(found.ratio) : "";
        const p = found && found.p <= 1 ? `, p ${found.p < 0.001 ? "< 0.001" : found.p}` : "";
        const caveat = hint?.match(/\n†[^]*/) ?? "";
        cell.dataset.tip = found ? `${runtime} ÷ ${baseline}, ${column?.title}: ${shown(found)}${p}: ${words}${caveat}` : hint;
      });
    }
    sortAgain(/** @type {HTMLTableElement} */ (part.querySelector("table")));
  }
  for (const said of all("#no-ratios")) said.classList.toggle("closed", !state.baseline || state.kind !== "memory");
  for (const choice of kinds) choice.checked = choice.value === state.kind;
  for (const select of /** @type {HTMLSelectElement[]} */ (all("#baseline"))) select.value = state.baseline;
}
function compared() { // A line for each workload.
  const found = (/** @type {Column} */ column) => COMPARED.map((kind) => ratioOf(column, kind, state.a, state.b));
  const lines = data.columns.map((column) => ({ column, found: found(column), whyNot: whyNot(column), caveats: caveatsOf(column) }));
  return lines.filter(({ found, whyNot }) => found.some(Boolean) || whyNot);
}
/** @param {Column} column @returns {string[]} what must be said of the two */
const caveatsOf = ({ caveats }) => [state.a, state.b].flatMap((label) => caveats.filter(([of]) => data.runtimes[of] === label).map(([, words]) => `${label}: ${words}`));
/** @param {Column} column @returns {string} why there is no ratio of two runtimes that both were measured */
function whyNot({ tasks }) {
  const [a, b] = [state.a, state.b].map((label) => tasks[data.runtimes.indexOf(label)]);
  if (!a || !b || state.a === state.b) return "";
  const same = a === Math.max(...tasks) ? shared(0) : "both ran fewer tasks than the others";
  return `not compared: ${a === b ? same : `${a < b ? state.a : state.b} ran fewer tasks`}`;
}
/** @param {ReturnType<typeof compared>} lines */
function sentenceOf(lines) {
  const said = lines.flatMap(({ found }) => (found[0] ? [difference(found[0])] : []));
  const kinds = ["better", "worse", "cannot tell", "too few blocks"].filter((words) => said.includes(words));
  const parts = kinds.map((words) => `${words} in ${said.filter((one) => one === words).length}`);
  if (!said.length) return `${state.a} and ${state.b} have no workload in common.`;
  const first = ["sleep", ...data.columns.map(({ id }) => id)].filter((id) => id !== "hold").map((id) => lines.find(({ column, found }) => column.id === id && found[0]));
  return `${manner(first.find(Boolean))}${state.a} against ${state.b}, cold, in ${said.length} workload${said.length === 1 ? "" : "s"}: ${listed(parts)}.`;
}
/** @param {ReturnType<typeof compared>[0] | undefined} line @returns {string} the line in the manner of hyperfine */
function manner(line) {
  const ratio = line?.found[0];
  if (!ratio) return "";
  const words = difference(ratio);
  const [ahead, behind] = words === "worse" ? [state.b, state.a] : [state.a, state.b];
  const known = `${ahead} ran ${shown(words === "better" ? inverse(ratio) : ratio)} times faster than ${behind}`;
  const open = words === "cannot tell" ? `${state.a} and ${state.b} are tied, ${shown(ratio)}` : `not known; ${shared(ratio.n)}`;
  return `${line.column.title}: ${["better", "worse"].includes(words) ? known : open}. `;
}
function renderVersus() {
  const table = /** @type {HTMLTableElement} */ (find("#versus"));
  if (!table) return;
  for (const [names, label] of [[".names", `${state.a} ÷ ${state.b}`], [".name-a", state.a]]) for (const name of all(names, table)) name.textContent = label;
  for (const [id, label] of [["a", state.a], ["b", state.b]]) /** @type {HTMLSelectElement} */ (find(`#compare-${id}`)).value = label;
  const lines = compared();
  table.tBodies[0].replaceChildren(...lines.map(({ column, found, whyNot, caveats }) => {
    const [row, head] = [made("tr", {}), made("th", { scope: "row" })];
    head.append(made("a", { href: `#workload-${column.id}`, textContent: column.title }), caveats.length ? " †" : "");
    const cells = found.flatMap((one, place) => {
      const tone = one ? TONES[difference(one)] ?? "unsure" : "";
      const [ratio, said] = one ? [shown(one), inWords(one)] : ["–", place ? "" : whyNot];
      return [made("td", { className: "number", textContent: ratio }), made("td", { className: tone, textContent: said })];
    });
    row.append(head, ...cells, made("td", { className: "soft", textContent: column.setting }));
    return row;
  }));
  find("#versus-sentence").textContent = sentenceOf(lines);
  find("#versus-caveats").replaceChildren(...lines.flatMap(({ column, caveats }) => caveats.map((words) => made("li", { textContent: `† ${column.title}: ${words}` }))));
  const both = [state.a, state.b].map((label) => data.runtimes.indexOf(label));
  const breaks = data.breaks.filter(([a, b]) => a !== b && both.includes(a) && both.includes(b));
  find("#versus-breaks").replaceChildren(...breaks.map(([, , words]) => made("li", { textContent: words })));
}
function asText() { // The comparison, for a chat.
  const before = ["- ", "cold: ", "", "later rounds: ", "", ""];
  const lines = all("#versus tbody tr").map((row) => [...row.children].map((cell, place) => cell.textContent && before[place] + cell.textContent).filter(Boolean).join(", "));
  return [`${state.a} ÷ ${state.b}, below 1 ${state.a} needs less (kilotask; ${find(".strip").innerText})`, find("#versus-sentence").textContent, ...lines, location.href].join("\n");
}
/** @param {string} text @param {string} what */
function copy(text, what) {
  const byHand = () => void window.prompt(`The browser does not let this page copy. The ${what} is:`, text);
  navigator.clipboard?.writeText(text).then(() => (find("#copied").textContent = `${what} copied`), byHand) ?? byHand();
}

// ---- Choices
/** @param {string} selector @param {string} before @param {(label: string) => void} choose */
function choices(selector, before, choose) {
  const select = /** @type {HTMLSelectElement | null} */ (find(selector));
  select?.append(...data.runtimes.map((label) => new Option(before + label, label)));
  select?.addEventListener("change", () => choose(select.value));
}
const grows = /** @type {HTMLSelectElement | null} */ (find("#grows"));
/** @param {string} [chosen] the anchor of the chart of growth that is shown */
function showGrowth(chosen) {
  if (grows && chosen) grows.value = chosen;
  for (const chart of all(".grown")) chart.classList.toggle("closed", chart.firstElementChild?.id !== grows?.value);
}
grows?.addEventListener("change", () => showGrowth());
for (const box of boxes) box.addEventListener("change", () => change({ runtimes: [...state.runtimes.filter((label) => label !== box.value), ...(box.checked ? [box.value] : [])] }));
for (const preset of presets) preset.addEventListener("click", () => change({ runtimes: labelsOf(preset), ...defaultPair(labelsOf(preset)) }));
choices("#compare-a", "", (a) => change({ a }));
choices("#compare-b", "", (b) => change({ b }));
choices("#baseline", "÷ ", (baseline) => change({ baseline }));
for (const choice of kinds) choice.addEventListener("change", () => change({ kind: /** @type {Kind} */ (choice.value) }));
find("#copy-link")?.addEventListener("click", () => copy(location.href, "link"));
find("#copy-text")?.addEventListener("click", () => copy(asText(), "text"));

// ---- Anchors: what they lead to is unfolded, and the pick stays in the address.
function goTo() {
  const target = state.at && document.getElementById(state.at);
  if (!target) return;
  const kind = /** @type {HTMLElement | null} */ (target.closest(".overview"))?.dataset.kind;
  if (kind) change({ kind: /** @type {Kind} */ (kind) });
  if (target.closest(".grown")) showGrowth(state.at);
  for (let part = /** @type {Element | null} */ (target); part; part = part.parentElement) {
    part.classList.remove("off", "closed");
    if (part instanceof HTMLDetailsElement) part.open = true;
  }
  for (const part of [...all(".here"), target]) part.classList.toggle("here", part === target);
  target.scrollIntoView();
  (target.matches("a, button, summary") ? target : target.querySelector("summary"))?.focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest('a[href^="#"]:not(.skip)');
  if (!link) return;
  event.preventDefault();
  state.at = decodeURIComponent((link.getAttribute("href") ?? "").slice(1));
  history.pushState(null, "", `#${address()}`);
  goTo();
});
for (const event of ["hashchange", "popstate"]) window.addEventListener(event, () => [readAddress, render, goTo].forEach((step) => step()));

/** @param {HTMLTableElement} table to sort by numbers, not by how they are written; what was not measured stands last */
function sortable(table) {
  const heads = [...(table.tHead?.rows[0].cells ?? [])];
  heads.forEach((head) => {
    const button = made("button", { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortAgain(table);
    });
  });
}
/** @param {HTMLTableElement} table by the column that it is sorted by */
function sortAgain(table) {
  const head = /** @type {HTMLTableCellElement | null} */ (table.querySelector("[aria-sort]"));
  if (!head) return;
  const [at, direction] = [head.cellIndex, head.getAttribute("aria-sort") === "descending" ? -1 : 1];
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => compare(a.cells[at], b.cells[at], direction)));
}
/** @param {HTMLElement} a @param {HTMLElement} b @param {number} direction */
function compare({ dataset: { sort: x }, textContent: a }, { dataset: { sort: y }, textContent: b }, direction) {
  return x && y ? direction * (Number(x) - Number(y)) : x || y ? (x ? -1 : 1) : direction * (a ?? "").localeCompare(b ?? "");
}
function filterClaims() { // The field shows those with all of its words, or else with any of them, and says which.
  const [field, said] = [/** @type {HTMLInputElement | null} */ (find(".filter")), find(".matches")];
  const texts = claims.map((line) => (line.textContent ?? "").toLowerCase());
  field?.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const whole = texts.map((text) => words.every((word) => text.includes(word)));
    const chosen = whole.some(Boolean) ? whole : texts.map((text) => words.some((word) => text.includes(word)));
    claims.forEach((line, place) => line.classList.toggle("closed", !chosen[place]));
    if (words.length) for (const chapter of /** @type {HTMLDetailsElement[]} */ (all(".chapter"))) chapter.open = true;
    const count = chosen.filter(Boolean).length;
    said.textContent = whole.some(Boolean) ? (words.length ? `${count} claims` : "") : `No claim has ${count ? `all of these words; ${count} have some` : "any"} of ${count ? "them" : "these words"}.`;
  });
}

// ---- Tooltips: marks of drawings carry their numbers as <title>, which browsers show late and phones never.
for (const title of all("svg .mark > title")) {
  const mark = /** @type {HTMLElement} */ (title.parentElement);
  mark.dataset.tip = title.textContent ?? "";
  for (const [name, value] of [["aria-label", mark.dataset.tip], ["role", "img"], ["tabindex", "-1"]]) mark.setAttribute(name, value);
  title.remove();
}
// A part that can scroll is one stop of the Tab key; arrow keys lead through what has a tooltip: up and down within a column.
for (const mark of all("[data-tip]")) mark.tabIndex = mark.closest(".wide") ? -1 : 0;
for (const part of wide) {
  part.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const from = /** @type {HTMLElement} */ (document.activeElement?.closest("[data-tip]"));
    const columnOf = (/** @type {Element | null} */ mark) => /** @type {HTMLTableCellElement} */ (mark?.closest("td, th"))?.cellIndex;
    const isInWay = (/** @type {HTMLElement} */ mark) => !from || !/Up|Down/.test(event.key) || columnOf(mark) === columnOf(from);
    const marks = all("[data-tip]", part).filter((mark) => !mark.closest(".off") && isInWay(mark));
    if (marks.length) event.preventDefault();
    marks[(marks.indexOf(from) + step + marks.length) % marks.length]?.focus();
  });
}
const tip = find("#tip");
/** @param {Event} event */
function show(event) {
  const holder = event.target instanceof Element && event.target.closest("[data-tip]");
  if (!holder) return hide();
  tip.textContent = /** @type {HTMLElement} */ (holder).dataset.tip ?? "";
  tip.hidden = false;
  const box = holder.getBoundingClientRect();
  const [x, y] = event instanceof MouseEvent ? [event.clientX, event.clientY] : [box.left, box.bottom];
  const { clientWidth, clientHeight } = document.documentElement;
  const [left, below] = [Math.min(x + 12, clientWidth - tip.offsetWidth - 8), y + 16 + tip.offsetHeight < clientHeight];
  tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
  tip.style.top = `${(below ? y + 16 : y - 12 - tip.offsetHeight) + window.scrollY}px`;
}
const hide = () => void (tip.hidden = true);
for (const event of ["pointermove", "pointerdown", "focusin"]) document.addEventListener(event, show);
for (const event of ["focusout", "keydown"]) document.addEventListener(event, (said) => (said instanceof KeyboardEvent && said.key !== "Escape") || hide());

// Says where a part is wider than its place. Layouts are dear: none is asked for of what is folded, and none between changes.
const hintAtScrolling = () => wide.filter((part) => !part.closest("details:not([open]), .closed"))
  .map((part) => ({ part, is: part.scrollWidth > part.clientWidth + 1 })).forEach(({ part, is }) => part.classList.toggle("scrolls", is));
window.addEventListener("resize", hintAtScrolling);
document.addEventListener("toggle", hintAtScrolling, true);
document.documentElement.classList.add("scripted");
for (const table of all("table.sortable")) sortable(/** @type {HTMLTableElement} */ (table));
Object.assign(state, defaultPair());
for (const step of [filterClaims, showGrowth, readAddress, render, goTo]) step();
