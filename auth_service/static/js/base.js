/* Small improvements; every page works without them. Attributes are listed in css/base.css. */
"use strict";

document.documentElement.classList.add("js");

/* The page's language, as the reader's own country has it; with the digits of the rest of the page. */
const spoken = document.documentElement.lang || "en";
const language = new Intl.Locale(navigator.languages?.find((tag) => tag.split("-")[0] === spoken) ?? spoken, { numberingSystem: "latn" }).toString();
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const SPANS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];

function ago(date) {
  const seconds = (date - Date.now()) / 1000;
  const span = SPANS.find(([, length]) => Math.abs(seconds) >= length);
  return span ? relative.format(Math.trunc(seconds / span[1]), span[0]) : relative.format(0, "minute");
}

const KINDS = { ago, day: (date) => day.format(date), both: (date) => `${ago(date)} (${moment.format(date)})` };

/* data-local="moment" (the default), "day", "ago" or "both" */
function localTimes(root = document) {
  for (const node of root.querySelectorAll("time[datetime][data-local]")) {
    const date = new Date(node.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    node.title = exact.format(date);
    node.textContent = KINDS[node.dataset.local]?.(date) ?? moment.format(date);
  }
}

function toast(text) {
  let box = document.querySelector(".toasts");
  if (!box) {
    box = document.body.appendChild(document.createElement("div"));
    box.className = "toasts";
    box.setAttribute("role", "status");
  }
  const item = box.appendChild(document.createElement("div"));
  item.className = "notice toast";
  item.textContent = text;
  setTimeout(() => leave(item), 3000);
}

function leave(node) {
  node.classList.add("leaving");
  setTimeout(() => node.remove(), 220);
}

async function copy(button) {
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  const text = source ? source.value ?? source.textContent : button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyTheOldWay(text)) return toast(document.body.dataset.notCopied);
  }
  button.classList.add("copied");
  button.dataset.label ??= button.getAttribute("aria-label");
  button.setAttribute("aria-label", document.body.dataset.copied);
  setTimeout(() => {
    button.classList.remove("copied");
    button.setAttribute("aria-label", button.dataset.label);
  }, 1600);
}

/* navigator.clipboard needs https or localhost. */
function copyTheOldWay(text) {
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.className = "visually-hidden";
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const hidden = input.type === "password";
  input.type = hidden ? "text" : "password";
  button.textContent = hidden ? button.dataset.hide : button.dataset.show;
  button.setAttribute("aria-label", hidden ? button.dataset.hideLabel : button.dataset.showLabel);
  input.focus();
}

/* The link's own page does the same without a script, and whenever the click asks for a new tab. */
function openDialog(event, opener) {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog?.showModal || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-copy-from], [data-reveal], [data-dialog], [data-close], [data-dismiss]");
  if (!target) {
    if (event.target.matches?.("dialog.dialog[open]")) event.target.close();
    return;
  }
  if ("copy" in target.dataset || "copyFrom" in target.dataset) copy(target);
  else if ("reveal" in target.dataset) reveal(target);
  else if ("dialog" in target.dataset) openDialog(event, target);
  else if ("dismiss" in target.dataset) leave(target.closest(".notice"));
  else if ("close" in target.dataset) {
    const dialog = target.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  }
});

/* An open menu closes when the reader turns to something else. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details[data-menu][open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "languages") keepTyped();
  const asked = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (asked && !window.confirm(asked)) return event.preventDefault();
  if (!("submitOnce" in form.dataset)) return;
  if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
  form.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-busy", "true");
});

/* A page that comes back from the back button must be usable again. */
window.addEventListener("pageshow", () => {
  for (const node of document.querySelectorAll("[aria-busy='true']")) node.removeAttribute("aria-busy");
});

/* What was typed into a page stays when another language is chosen for it; secrets do not. */
const TYPED = "typed";
const SECRET = "[type=password], [type=hidden], [type=file], [autocomplete*=password], .code-input";
const KEPT = `input:not(${SECRET}), select, textarea`;

function typedInto() {
  return [...document.querySelectorAll("main form")].flatMap((form) => [...form.querySelectorAll(KEPT)]).filter((field) => field.name);
}

function keepTyped() {
  const fields = typedInto().map(({ name, value, checked }) => ({ name, value, checked }));
  kept((storage) => storage.setItem(TYPED, JSON.stringify({ page: location.pathname, fields })));
}

function showTyped() {
  const before = kept((storage) => JSON.parse(storage.getItem(TYPED) ?? "null"));
  kept((storage) => storage.removeItem(TYPED));
  if (before?.page !== location.pathname) return;
  typedInto().forEach((field, index) => {
    const was = before.fields[index];
    if (was?.name !== field.name || field.readOnly) return;
    if (field.type === "checkbox" || field.type === "radio") field.checked = was.checked;
    else field.value = was.value;
  });
}

function kept(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null; // A browser may keep nothing.
  }
}

/* Browsers call some zones as they were called once: Asia/Calcutta. */
function sameZone(name, zone) {
  try {
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone === zone;
  } catch {
    return false;
  }
}

/* A zone that must be chosen is most likely the one of this browser. */
function guessZones() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const menu of document.querySelectorAll("select[data-time-zone]")) {
    if (menu.value) continue;
    const names = [...menu.options].map((option) => option.value);
    menu.value = names.includes(zone) ? zone : names.find((name) => sameZone(name, zone)) ?? "";
  }
}

document.addEventListener("DOMContentLoaded", () => {
  localTimes();
  showTyped();
  guessZones();
  setInterval(() => localTimes(), 60000);
  for (const node of document.querySelectorAll("[data-dismiss-after]")) {
    setTimeout(() => leave(node), Number(node.dataset.dismissAfter) * 1000);
  }
  const dialog = document.querySelector("dialog[data-open]");
  dialog?.showModal();
});
