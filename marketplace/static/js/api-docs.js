// Draws the API's documentation from its own specification; nothing is asked of other sites.
const place = document.getElementById("api-docs");
// It brings a dark dress of its own, put on by a class of the root.
const look = document.documentElement;
const dark = look.dataset.theme ? look.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
look.classList.toggle("dark-mode", dark);
window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
});
