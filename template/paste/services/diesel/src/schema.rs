// @generated automatically by Diesel CLI.

diesel::table! {
    visits (id) {
        id -> Integer,
        path -> Text,
    }
}
