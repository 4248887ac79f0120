//! Who may administer the bank.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use mockbank_store::Audit;

use super::caller::bearer_token;
use crate::answer::problem::Problem;
use crate::app::App;

/// The name under which the administrator stands in the audit log.
pub(crate) const ADMIN: &str = "admin";

/// Whoever has the admin token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admin;

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let header = header.ok_or_else(|| Problem::unauthorized("the admin token is needed"))?;
        let token = header.to_str().ok().and_then(bearer_token).unwrap_or_default();
        match &app.settings.admin_token {
            Some(hash) if hash.fits(token) => Ok(Self),
            _ => Err(Problem::unauthorized("this is not the admin token")),
        }
    }
}

impl Admin {
    /// What the audit log says of an act that is done now.
    pub(crate) fn audit(app: &App) -> Audit {
        Audit { actor: ADMIN.to_owned(), received_at: app.machine_seconds() }
    }
}
