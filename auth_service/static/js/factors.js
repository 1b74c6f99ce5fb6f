/* Printing recovery codes, and whether this browser knows passkeys. */
"use strict";

if (window.PublicKeyCredential && navigator.credentials) document.documentElement.classList.add("passkeys");

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
