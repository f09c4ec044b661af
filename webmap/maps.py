"""The map, composed with folium: one composition for the live page, the embed and the stand-alone file.

folium draws up the script; the bundle in ``static/dist`` (global ``planmap``) does the work in the browser.
The emitted script is the contract between the two, here in full::

    var map_planmap = L.map("map_planmap", {center: …, zoom: …, zoomControl: false, …});
    var pane_zones = map_planmap.createPane("pm-zones"); pane_zones.style.zIndex = …;
    var layer_zones = planmap.layer(map_planmap, {LAYER});          // one for each layer, low order first
    map_planmap.fitBounds([[south, west], [north, east]], {});
    planmap.start(map_planmap, {CONFIG});

``LAYER``: ``id, name, name_en, group, kinds, order, show`` as in plan.toml, and ``pane`` (``"pm-<id>"``), ``url``
(where its GeoJSON is, also the key in ``data``), ``geometry`` (``polygon|line|point|none``), ``count``, ``visible``
(on at first in this view), ``bounds`` (``[[s, w], [n, e]]`` or null). Nothing is added to the map by
``planmap.layer``; ``planmap.start`` does so.

``CONFIG``:

* ``mode`` ``full|embed|standalone``, ``lang`` ``zh|en``, ``edition`` (hash), ``plan`` (as in plan.toml);
* ``view``: ``{id, name, name_en, layers: [ids], bounds, indicator, level, select}`` the view that opens, ``select`` a
  feature id to highlight (embeds with a zone) or null; ``views``: all of them in the same form;
* ``groups``, ``layers``: lists in plan order; ``layers`` hold ``LAYER``;
* ``kinds``, ``statuses``, ``bases``, ``ramps``, ``sources``: objects by id (sources by name), order kept;
* ``messages``: ``{key: text}`` of map.toml and panels.toml in ``lang``;
* ``urls``: ``api`` (``/api``), ``download``, ``embed``, ``standalone``, ``start``, ``about``, ``map``, ``origin``
  (``""``, the page's own). Appended with ``/``: ``urls.api + "/layers/zones"``, ``urls.api + "/indicators"``,
  ``urls.api + "/indicators/<id>/<level>"``, ``urls.api + "/search"``, ``urls.api + "/features/<id>"``,
  ``urls.download + "/zones.geojson?crs=4326"``, ``urls.embed + "/<view>"``, ``urls.standalone + "/<view>.html"``.
  In a stand-alone file ``download``, ``embed``, ``standalone``, ``start``, ``about`` and ``map`` are ``""``: hide the links;
* ``data``: null, or ``{url: payload}`` with exactly those URLs (features are found in their layers' payloads).
"""
