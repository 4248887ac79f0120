//! The banking API over HTTP: routes, authentication, limits, errors and the `OpenAPI` document.
//!
//! Only this crate knows what JSON looks like. It reads through [`mockbank_store::Store`], has
//! orders carried out by a [`mockbank_store::Teller`], and judges nothing that is the bank's to
//! judge.
//!
//! [`serve()`] runs a server until it is told to stop; [`router()`] is the same without a socket.

mod answer;
mod api;
mod app;
mod auth;
mod clock;
mod counter;
mod edge;
mod error;
mod jobs;
mod openapi;
mod request;
mod router;
mod routes;
mod serve;
pub mod settings;
mod traffic;

pub use app::Bank;
pub use auth::admin_token::AdminTokenHash;
pub use auth::password::hash_password;
pub use auth::secret::{new_admin_token, new_token_secret};
pub use auth::token::Tokens;
pub use clock::{Clock, SystemClock};
pub use error::ServerError;
pub use router::{check, openapi, router, router_with_clock};
pub use serve::{serve, shutdown_signal};
pub use settings::{CardLimits, RateLimits, Secret, Settings};
