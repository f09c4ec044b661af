/** The third program: what somebody is likely to ask for first. It comes when the page has all that it shows, or is asked for. */
export { imageOverlay } from "leaflet/src/layer/ImageOverlay.js";
export { openFeatureList } from "./map/feature-list.js";
export { installCard } from "./panel/card.js";
export { FilterLists } from "./sidebar/filter-lists.js";
export { SearchBox } from "./sidebar/search-box.js";
