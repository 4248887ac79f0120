//! Tests of the whole program: the real binary, started as users start it.

mod browser;
mod commands;
mod compare;
mod crash_loop;
mod crashes;
#[cfg(unix)]
mod dashboard;
#[cfg(unix)]
mod database;
#[cfg(target_os = "linux")]
mod disk;
mod files;
#[cfg(target_os = "linux")]
mod growth;
mod harness;
mod original_api;
mod processes;
#[cfg(unix)]
mod progress;
mod python;
mod realistic;
mod same_world;
mod settings;
mod simulation_rules;
#[cfg(unix)]
#[path = "../../../mockbank-store/tests/throwaway/mod.rs"]
mod throwaway;
mod writing;
