//! A world in one `SQLite` database in a data folder.
