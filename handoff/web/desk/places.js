/** The places in canned texts, in words. */

import { hasWord, say } from "../shared/words.js";

/** "the customer's name, the problem"; a place that has no words stands as it is written. */
export function placeNames(places) {
  return places.map((place) => (hasWord(`canned.place_${place}`) ? say(`canned.place_${place}`) : `{${place}}`)).join(", ");
}
