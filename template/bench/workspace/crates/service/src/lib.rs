pub mod routes;
pub mod settings;
