// Goes on once every frame is loaded, which is when the page is, and not much later where one never is.
(function () {
  "use strict";
  var on = document.getElementById("continue"), gone = false;
  function go() {
    if (!gone) {
      gone = true;
      window.location.replace(on.href);
    }
  }
  if (on) {
    window.addEventListener("load", go);
    window.setTimeout(go, 1000 * Number(on.getAttribute("data-patience")));
  }
})();
