package io.cyphermesh.dashboard;

import java.util.List;

/**
 * What every page has around it.
 *
 * @param title what the browser calls it
 * @param here the page's place in the navigation
 * @param places the whole navigation
 * @param assets the folder of the pages' own files, with its stroke at the end
 */
record Shell(String title, Place here, List<Place> places, String assets) {
  boolean isHere(Place place) {
    return place.equals(here);
  }
}
