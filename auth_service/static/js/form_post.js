// Sends the answer of the authorization endpoint to the application (Form Post Response Mode §2).
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));
