/* Passkeys (Web Authentication Level 3): a form with data-passkey="get" or "create" and data-options is filled in by the browser's
   authenticator, and sent like any other. With data-autofill it also waits for a passkey that is chosen in the field for the name. */
"use strict";

/* Credentials belong to names: at the bare address of a machine no browser makes any. */
const named = !/^[\d.]+$|:/.test(location.hostname);
const known = Boolean(window.PublicKeyCredential && navigator.credentials && named);
if (known) document.documentElement.classList.add("passkeys");

function bytesOf(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

function textOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const withBytes = (list) => (list ?? []).map((each) => ({ ...each, id: bytesOf(each.id) }));

function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  const user = { ...json.user, id: bytesOf(json.user.id) };
  return { ...json, user, challenge: bytesOf(json.challenge), excludeCredentials: withBytes(json.excludeCredentials) };
}

function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: bytesOf(json.challenge), allowCredentials: withBytes(json.allowCredentials) };
}

function written(credential) {
  if (credential.toJSON) {
    try {
      return JSON.stringify(credential.toJSON());
    } catch { /* Some password keepers bring a credential of their own making. */ }
  }
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  const { id, type, rawId } = credential;
  return JSON.stringify({ id, type, rawId: textOf(rawId), response, clientExtensionResults: {} });
}

let waiting = null;

async function ask(form, autofill) {
  waiting?.abort();
  waiting = new AbortController();
  const json = JSON.parse(form.dataset.options);
  const create = form.dataset.passkey === "create";
  const asked = { publicKey: create ? creationOptions(json) : requestOptions(json), signal: waiting.signal };
  if (autofill) asked.mediation = "conditional";
  const credential = await (create ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
  form.elements.credential.value = written(credential);
  form.setAttribute("aria-busy", "true");
  form.submit();
}

function tell(form, error) {
  const words = error.name === "InvalidStateError" ? "[data-passkey-known]" : "[data-passkey-failed]";
  for (const node of form.querySelectorAll("[data-passkey-known], [data-passkey-failed]")) node.hidden = !node.matches(words);
}

if (known) {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    ask(form, false).catch((error) => tell(form, error));
  });
  document.addEventListener("DOMContentLoaded", async () => {
    const form = document.querySelector("form[data-passkey][data-autofill]");
    if (!form || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    /* Nobody asked for this one: when nothing comes of it, nothing is said. */
    ask(form, true).catch(() => {});
  });
}
