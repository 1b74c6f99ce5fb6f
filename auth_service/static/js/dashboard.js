/* Small improvements to the dashboard; every page works without them.
   a[data-page-dialog]      opens the .dialog-page of the page it leads to in a dialog
   form[data-swap="id"]     sends itself and takes the part with that id from the answer
   form[data-add-row="id"]  in a dialog: copies the row template of that list, filled in, to its end
   [data-remove-row]        takes its row out of the list
   main[data-address]       the address under which the page shown can be asked for again */
"use strict";

async function pageOf(address, options) {
  const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" }, ...options });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

async function openPage(link) {
  let content;
  try {
    content = (await pageOf(link.href)).querySelector(".dialog-page");
  } catch {
    content = null;
  }
  if (!content) return window.location.assign(link.href);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.append(...content.childNodes);
  const title = dialog.querySelector("h1");
  if (title) dialog.setAttribute("aria-label", title.textContent.trim());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function swap(form) {
  const id = form.dataset.swap;
  try {
    const fresh = (await pageOf(form.action, { method: "POST", body: new FormData(form) })).getElementById(id);
    document.getElementById(id).replaceWith(fresh);
    fresh.focus();
  } catch {
    form.submit();
  }
}

function addRow(form) {
  const list = document.getElementById(form.dataset.addRow);
  const typed = form.querySelector("input");
  const row = list.querySelector("template").content.firstElementChild.cloneNode(true);
  row.querySelector("input").value = typed.value.trim();
  list.append(row);
  list.querySelector("[data-none]")?.setAttribute("hidden", "");
  form.reset();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-page-dialog]");
  if (link && !(event.metaKey || event.ctrlKey || event.shiftKey || event.button)) {
    event.preventDefault();
    openPage(link);
  }
  const remove = event.target.closest("[data-remove-row]");
  if (remove) {
    const row = remove.closest("[data-row]");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    next?.querySelector("input")?.focus();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("swap" in form.dataset) {
    event.preventDefault();
    swap(form);
  } else if ("addRow" in form.dataset) {
    addRow(form);
  }
});

/* A menu that filters sends itself; without a script its button does. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

/* "/" goes to the search field, as in other lists people use all day. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select, dialog")) return;
  const search = document.querySelector("main input[type='search']");
  if (!search) return;
  event.preventDefault();
  search.focus();
});

document.addEventListener("DOMContentLoaded", () => {
  const address = document.querySelector("main[data-address]")?.dataset.address;
  if (address) window.history.replaceState(null, "", address);
  document.querySelector("main .invalid :is(input, select, textarea)")?.focus();
});
