"""What QGIS opens: projects with their layouts, forms and map tips, layer definitions; written without QGIS."""
