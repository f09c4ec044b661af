/**
 * Written for every engine there ever was: nothing here is newer than ES3. Runs after first.js; an engine that could not
 * read that or planmap.js, or lacks what they stand on, gets the still picture and a word instead of an empty page.
 * The newest things the page needs are of Chrome 86, Firefox 78 and Safari 14.
 */
(function () {
  var able =
    (window.planmapFirst === true || (typeof window.planmap === "object" && !!window.planmap)) && !window.planmapUnread &&
    typeof Promise === "function" && typeof window.fetch === "function" && typeof window.ResizeObserver === "function" &&
    !!window.Element && typeof window.Element.prototype.replaceChildren === "function" &&
    typeof String.prototype.replaceAll === "function";
  function giveWord() {
    document.documentElement.className += " pm-too-old";
    var place = document.getElementById("pm-picture");
    var address = place && place.getAttribute("data-src");
    if (!address) return;
    var picture = document.createElement("img");
    picture.alt = place.getAttribute("data-alt");
    picture.src = address;
    place.appendChild(picture);
  }
  // For first.js, should the program turn out to be unreadable.
  window.planmapTooOld = giveWord;
  if (!able) giveWord();
})();
