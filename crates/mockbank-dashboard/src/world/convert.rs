//! The store's answers as the dashboard's.

use mockbank_store::{DirectoryLine, DirectoryQuery, DirectorySort, Order, Transaction};

use crate::bank::{CustomerQuery, CustomerRow, Line, SortBy};

pub(super) fn line(transaction: &Transaction) -> Line {
    let posting = &transaction.posting;
    Line {
        at: posting.at,
        account: posting.account,
        card: posting.card,
        amount: posting.amount,
        balance: posting.balance,
        description: transaction.description.to_string(),
        category: transaction.category.to_string(),
    }
}

pub(super) fn row(line: DirectoryLine) -> CustomerRow {
    CustomerRow {
        user: line.user,
        name: format!("{} {}", line.first_name, line.last_name),
        account: line.account,
    }
}

pub(super) fn directory(query: &CustomerQuery) -> DirectoryQuery {
    DirectoryQuery {
        text: Some(query.filter.clone()),
        sort: match query.sort {
            SortBy::Number => DirectorySort::Number,
            SortBy::Name => DirectorySort::Name,
            SortBy::Balance => DirectorySort::Balance,
        },
        order: if query.descending { Order::Descending } else { Order::Ascending },
        rows: query.offset..query.offset.saturating_add(query.limit),
    }
}
