//! `/admin/audit`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use mockbank_bank::Instant;
use mockbank_store::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::body::{as_text, json};
use crate::answer::page::Meta;
use crate::answer::problem::Problem;
use crate::app::App;
use crate::request::admin::Admin;
use crate::request::page::Paging;
use crate::request::query::Query;

/// An administrative act.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry<'a> {
    /// Place in the log.
    #[schema(minimum = 1, example = 1)]
    number: i64,
    /// In the bank's time.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, example = "2025-01-31T00:00:00Z")]
    bank_time: Instant,
    /// By the machine's clock, in seconds since 1970.
    #[schema(example = 1_750_000_000)]
    received_at: i64,
    #[schema(example = "admin")]
    actor: &'a str,
    #[schema(example = "book -10.00 on acc_1")]
    act: &'a str,
    /// Code of the refusal; null for what was done.
    #[schema(required, example = "unknown_account")]
    refusal: Option<&'a str>,
}

impl<'a> From<&'a mockbank_store::AuditEntry> for AuditEntry<'a> {
    fn from(entry: &'a mockbank_store::AuditEntry) -> Self {
        Self {
            number: entry.number,
            bank_time: entry.at,
            received_at: entry.audit.received_at,
            actor: &entry.audit.actor,
            act: &entry.act,
            refusal: entry.refusal.as_deref(),
        }
    }
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLog<'a> {
    meta: Meta,
    entries: Vec<AuditEntry<'a>>,
}

/// The audit log
///
/// Every administrative act, refused ones too, the latest first. Nothing is ever removed from it.
#[utoipa::path(
    get, path = "/admin/audit", tag = "administration",
    params(Paging),
    responses(
        (status = 200, description = "A page of the log", body = AuditLog),
        (status = 400, description = "A parameter is not well-formed"),
        (status = 401, description = "This is not the admin token"),
    ),
    security(("admin" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Admin,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let page = Page::from(paging);
    let listing = app.store.audit_log(page).await?;
    let entries: Vec<AuditEntry> = listing.items.iter().map(AuditEntry::from).collect();
    let size = 128 + 192 * entries.len();
    json(&AuditLog { meta: Meta::new(page, listing.total), entries }, size)
}
