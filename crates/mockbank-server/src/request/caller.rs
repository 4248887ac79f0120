//! Who calls, and what is theirs.
//!
//! A request is judged in this order: without a good token 401; what does not exist 404; what is
//! somebody else's 403.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use mockbank_bank::{Account, AccountId, Card, CardId, Hold, HoldId, TransactionId, User, UserId};
use mockbank_store::{Listing, Page, Transaction, TransactionFilter};

use crate::answer::problem::Problem;
use crate::app::App;

/// The customer whose token came with the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(UserId);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let header = header.ok_or_else(|| Problem::unauthorized("a bearer token is needed"))?;
        let token = header.to_str().ok().and_then(bearer_token);
        let user = token.and_then(|token| app.user_of(token));
        user.map(Self).ok_or_else(bad_token)
    }
}

/// The scheme's name may be written in letters of either case (RFC 9110, section 11.1).
pub(crate) fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_ascii())
}

fn bad_token() -> Problem {
    Problem::unauthorized("the token is not valid or has expired")
}

/// What was asked for: one's own, or somebody else's, or nothing.
enum Found<T> {
    Own(T),
    Foreign,
    Nothing,
}

impl Caller {
    /// Whose token it is.
    pub(crate) fn id(self) -> UserId {
        self.0
    }

    /// The customer with this identifier, who must be the caller.
    pub(crate) async fn user(self, app: &App, id: Option<UserId>) -> Result<User, Problem> {
        let found = match id {
            Some(id) => match app.store.user(id).await? {
                Some(user) if id == self.0 => Found::Own(user),
                Some(_) => Found::Foreign,
                None => Found::Nothing,
            },
            None => Found::Nothing,
        };
        self.judge(app, found, "user").await
    }

    /// An account, which must be the caller's.
    pub(crate) async fn account(
        self,
        app: &App,
        id: Option<AccountId>,
    ) -> Result<Account, Problem> {
        let found = match id {
            Some(id) => self.find_account(app, id).await?,
            None => Found::Nothing,
        };
        self.judge(app, found, "account").await
    }

    /// Refuses unless money of the account is the caller's to move.
    ///
    /// An account never changes hands, and the world of a server that carries orders out is not
    /// replaced under it, so what was read once is true for good.
    pub(crate) async fn pays_from(self, app: &App, id: AccountId) -> Result<(), Problem> {
        if app.owners.get(&id) == Some(self.0) {
            return Ok(());
        }
        let account = self.account(app, Some(id)).await?;
        app.owners.keep(account.id, account.user);
        Ok(())
    }

    /// An account, which must be the caller's, and a page of its book.
    pub(crate) async fn account_with_transactions(
        self,
        app: &App,
        id: Option<AccountId>,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<(Account, Listing<Transaction>), Problem> {
        let found = match id {
            Some(id) => app.store.account_with_transactions(id, filter, page).await?,
            None => None,
        };
        let found = match found {
            Some((account, listing)) if account.user == self.0 => Found::Own((account, listing)),
            Some(_) => Found::Foreign,
            None => Found::Nothing,
        };
        self.judge(app, found, "account").await
    }

    /// A card, which must be the caller's.
    pub(crate) async fn card(self, app: &App, id: Option<CardId>) -> Result<Card, Problem> {
        let card = match id {
            Some(id) => app.store.card(id).await?,
            None => None,
        };
        let found = match card {
            Some(card) => self.of_own_account(app, card.account, card).await?,
            None => Found::Nothing,
        };
        self.judge(app, found, "card").await
    }

    /// A transaction, which must be the caller's.
    pub(crate) async fn transaction(
        self,
        app: &App,
        id: Option<TransactionId>,
    ) -> Result<Transaction, Problem> {
        let transaction = match id {
            Some(id) => app.store.transaction(id).await?,
            None => None,
        };
        let found = match transaction {
            Some(transaction) => {
                self.of_own_account(app, transaction.posting.account, transaction).await?
            }
            None => Found::Nothing,
        };
        self.judge(app, found, "transaction").await
    }

    /// A hold on or for the caller's money.
    pub(crate) async fn hold(self, app: &App, id: Option<HoldId>) -> Result<Hold, Problem> {
        let hold = match id {
            Some(id) => app.store.hold(id).await?,
            None => None,
        };
        let found = match hold {
            Some(hold) => {
                let payee = self.find_account(app, hold.to).await?;
                if matches!(payee, Found::Own(_)) {
                    Found::Own(hold)
                } else {
                    self.of_own_account(app, hold.from, hold).await?
                }
            }
            None => Found::Nothing,
        };
        self.judge(app, found, "hold").await
    }

    async fn find_account(self, app: &App, id: AccountId) -> Result<Found<Account>, Problem> {
        Ok(match app.store.account(id).await? {
            Some(account) if account.user == self.0 => Found::Own(account),
            Some(_) => Found::Foreign,
            None => Found::Nothing,
        })
    }

    async fn of_own_account<T>(
        self,
        app: &App,
        account: AccountId,
        item: T,
    ) -> Result<Found<T>, Problem> {
        Ok(match self.find_account(app, account).await? {
            Found::Own(_) => Found::Own(item),
            Found::Foreign | Found::Nothing => Found::Foreign,
        })
    }

    /// Whoever owns something exists, so only the others' tokens need a look at whether their
    /// customer is still there.
    async fn judge<T>(self, app: &App, found: Found<T>, what: &'static str) -> Result<T, Problem> {
        let refusal = match found {
            Found::Own(item) => return Ok(item),
            Found::Foreign => Problem::forbidden(what),
            Found::Nothing => Problem::not_found(what),
        };
        match app.store.user(self.0).await? {
            Some(_) => Err(refusal),
            None => Err(bad_token()),
        }
    }
}
