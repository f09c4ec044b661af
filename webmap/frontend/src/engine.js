/**
 * Written for every engine there ever was: nothing here is newer than ES3. Runs after planmap.js; an engine that could not
 * read that, or lacks what it stands on, gets the still picture and a word instead of an empty page.
 * The newest things the page needs are of Chrome 86, Firefox 78 and Safari 14.
 */
(function () {
  var able =
    typeof window.planmap === "object" && !!window.planmap && typeof window.planmap.start === "function" &&
    typeof Promise === "function" && typeof window.fetch === "function" && typeof window.ResizeObserver === "function" &&
    !!window.Element && typeof window.Element.prototype.replaceChildren === "function" &&
    typeof String.prototype.replaceAll === "function";
  if (able) return;
  document.documentElement.className += " pm-too-old";
  var place = document.getElementById("pm-picture");
  var address = place && place.getAttribute("data-src");
  if (!address) return;
  var picture = document.createElement("img");
  picture.alt = place.getAttribute("data-alt");
  picture.src = address;
  place.appendChild(picture);
})();
