"""The store, the only room that speaks SQL: one file per noun, numbered migrations, an embedded Postgres by default."""
