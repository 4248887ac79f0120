//! The `OpenAPI` document: what the routes do not say themselves.

use axum::http::StatusCode;
use mockbank_bank::Money;
use utoipa::Number;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Content, OpenApi, Ref, RefOr, Response, Schema};
use utoipa::{OpenApi as _, PartialSchema, ToSchema};

use crate::answer::problem::{FieldError, PROBLEM_JSON, ProblemDetails};
use crate::settings::CardLimits;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Mock-Bank",
        description = "The API of a mock bank. Log in to get a token, press Authorize, and try \
            every route. Amounts are numbers of major units with two decimals, debits negative; \
            times are the bank's own. Every answer has `X-Request-Id` and `X-Bank-Time`, and \
            where limits are on `RateLimit-Policy` and `RateLimit`. Parameters that a route does \
            not know are ignored. What this document forbids is answered with 400 or 422, what the \
            bank refuses as things are with 409, and what is not there with 404; the `code` says \
            which.",
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "login", description = "Tokens"),
        (name = "users", description = "Customers"),
        (name = "accounts", description = "Deposit accounts"),
        (name = "cards", description = "Credit cards"),
        (name = "transactions", description = "Lines of the books"),
        (name = "transfers", description = "Money moved between accounts"),
        (name = "holds", description = "Money set aside, then moved or freed"),
        (name = "administration", description = "For whoever has the admin token"),
        (name = "operations", description = "For those who run the server"),
    ),
)]
struct Preamble;

/// Title, tags and servers, for the routes to be added.
pub(crate) fn preamble() -> OpenApi {
    Preamble::openapi()
}

/// Statuses that any route can answer with.
const ANYWHERE: [(StatusCode, &str); 5] = [
    (StatusCode::REQUEST_TIMEOUT, "The request took too long"),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    (StatusCode::TOO_MANY_REQUESTS, "The client made too many requests; see `Retry-After`"),
    (StatusCode::INTERNAL_SERVER_ERROR, "The server failed"),
    (StatusCode::SERVICE_UNAVAILABLE, "The server has too much to do; see `Retry-After`"),
];

/// Adds what all routes have in common: the bearer scheme, the problem details, and the answers
/// of the layers around the handlers, and names for the operations.
pub(crate) fn finish(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_with(Components::new);
    let problem = ProblemDetails::schema();
    components.schemas.insert(ProblemDetails::name().into_owned(), problem);
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let admin = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The admin token, which the server printed at its first start"));
    components.add_security_scheme("admin", SecurityScheme::Http(admin.build()));
    for (path, item) in &mut document.paths.paths {
        let name = path.replace('/', "_").replace(['{', '}'], "");
        for (method, operation) in [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
        ] {
            if let Some(operation) = operation {
                // Those of the handlers are unique in their modules only.
                operation.operation_id = Some(format!("{method}{name}"));
                add_problems(operation);
            }
        }
    }
    document
}

/// Says within which bounds customers choose the limits of their cards.
pub(crate) fn with_card_limits(mut document: OpenApi, limits: CardLimits) -> OpenApi {
    #[expect(clippy::cast_precision_loss, reason = "JSON Schema has its bounds as JSON numbers")]
    let bound = |amount: Money| Some(Number::from(amount.minor() as f64 / 100.0));
    let schemas = document.components.iter_mut().flat_map(|components| &mut components.schemas);
    for (_, schema) in schemas.filter(|(name, _)| ["NewCard", "CardChange"].contains(&&***name)) {
        if let RefOr::T(Schema::Object(body)) = schema
            && let Some(RefOr::T(Schema::Object(limit))) = body.properties.get_mut("limit")
        {
            limit.minimum = bound(limits.least);
            limit.maximum = bound(limits.most);
        }
    }
    document
}

/// Documents problem details as the body of every refusal, those of [`ANYWHERE`] included.
fn add_problems(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for (status, description) in ANYWHERE {
        responses
            .entry(status.as_str().to_owned())
            .or_insert_with(|| RefOr::T(Response::new(description)));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let schema = Ref::from_schema_name(ProblemDetails::name());
            let content = RefOr::T(Content::new(Some(schema)));
            response.content.insert(PROBLEM_JSON.to_owned(), content);
        }
    }
}
