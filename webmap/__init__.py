"""The web: Flask and folium over an edition."""
