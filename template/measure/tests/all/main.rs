//! The pages of measurements, and a few of the programs and services that they are about.

mod evidence;
mod paste;
