// Starts Swagger UI with what the server says, and nothing from the address.
"use strict";

const { issuer, ui, oauth } = JSON.parse(document.getElementById("reader").textContent);

// Whoever reads this is often signed in already, say as an operator: they are asked each time whom the token is to speak for.
const ask = () => ({
  statePlugins: { auth: { wrapActions: { authPopup: (open) => (url, back) => open(`${url}&prompt=login`, back) } } },
});

const reader = SwaggerUIBundle({
  ...ui,
  plugins: [ask],
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
reader.initOAuth(oauth);

document.getElementById("elsewhere").hidden = location.origin === new URL(issuer).origin;

// Light or dark: as the system has it, until the reader chooses; the choice is kept for this tab.
const system = matchMedia("(prefers-color-scheme: dark)");
const button = document.getElementById("theme");
const chosen = () => sessionStorage.getItem("theme");
const paint = () => {
  const dark = (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
  document.documentElement.classList.toggle("dark-mode", dark);
  document.documentElement.classList.toggle("light-mode", !dark);
  button.setAttribute("aria-pressed", String(dark));
};
button.hidden = false;
button.addEventListener("click", () => {
  sessionStorage.setItem("theme", document.documentElement.classList.contains("dark-mode") ? "light" : "dark");
  paint();
});
system.addEventListener("change", paint);
paint();
