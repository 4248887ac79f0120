//! ISO 20022 camt.053.001.08, the bank-to-customer statement: what business software reads.

use std::io::{self, Write};

use mockbank_bank::{Day, Money, PostingKind};

use super::xml::{Xml, shortened};
use super::{Holding, Line, Statement};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";

/// Most characters of an identifier, and of a name or a line of remittance information.
const IDENTIFIER_LENGTH: usize = 35;
const TEXT_LENGTH: usize = 140;

/// Writes the statement as a camt.053 document.
pub fn write(statement: &Statement<'_>, out: impl Write) -> io::Result<()> {
    let mut xml = Xml::new(out);
    xml.declaration()?;
    let identifier = identifier(statement);
    xml.group_with("Document", &[("xmlns", NAMESPACE)], |xml| {
        xml.group("BkToCstmrStmt", |xml| {
            xml.group("GrpHdr", |xml| {
                xml.leaf("MsgId", &identifier)?;
                xml.leaf("CreDtTm", &statement.created.to_string())
            })?;
            xml.group("Stmt", |xml| {
                xml.leaf("Id", &identifier)?;
                body(statement, xml)
            })
        })
    })
}

/// Account and period: the same for the same statement, whenever it is made.
fn identifier(statement: &Statement<'_>) -> String {
    let compact = |day: Day| day.to_string().replace('-', "");
    let (from, to) = (compact(statement.period.from), compact(statement.period.to));
    shortened(&format!("{}-{from}-{to}", statement.holding.number()), IDENTIFIER_LENGTH)
}

fn body<W: Write>(statement: &Statement<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    xml.leaf("CreDtTm", &statement.created.to_string())?;
    xml.group("FrToDt", |xml| {
        xml.leaf("FrDtTm", &statement.period.from.start().to_string())?;
        xml.leaf("ToDtTm", &statement.period.end().to_string())
    })?;
    account(statement, xml)?;
    balance(statement, "OPBD", statement.opening, statement.period.from, xml)?;
    balance(statement, "CLBD", statement.closing, statement.period.to, xml)?;
    summary(statement, xml)?;
    statement.lines.iter().try_for_each(|line| entry(statement, line, xml))
}

fn account<W: Write>(statement: &Statement<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    xml.group("Acct", |xml| {
        xml.group("Id", |xml| {
            xml.group("Othr", |xml| xml.leaf("Id", &statement.holding.number()))
        })?;
        // CACC is a current account, CARD an account for card payments only (ISO 20022 external
        // code set, cash account types); a savings account is SVGS.
        let kind = match statement.holding {
            Holding::Account(account) => match account.kind {
                mockbank_bank::AccountKind::Checking => "CACC",
                mockbank_bank::AccountKind::Savings => "SVGS",
            },
            Holding::Card(..) => "CARD",
        };
        xml.group("Tp", |xml| xml.leaf("Cd", kind))?;
        xml.leaf("Ccy", statement.holding.currency().code())?;
        let owner = shortened(&statement.owner_name(), TEXT_LENGTH);
        xml.group("Ownr", |xml| xml.leaf("Nm", &owner))?;
        xml.group("Svcr", |xml| {
            xml.group("FinInstnId", |xml| {
                xml.leaf("Nm", &shortened(&statement.bank.name, TEXT_LENGTH))?;
                let number = shortened(&statement.bank.routing_number, IDENTIFIER_LENGTH);
                xml.group("Othr", |xml| xml.leaf("Id", &number))
            })
        })
    })
}

/// An amount without its sign, which [`indicator`] tells.
fn amount<W: Write>(statement: &Statement<'_>, amount: Money, xml: &mut Xml<W>) -> io::Result<()> {
    let currency = [("Ccy", statement.holding.currency().code())];
    xml.leaf_with("Amt", &currency, amount.to_string().trim_start_matches('-'))?;
    xml.leaf("CdtDbtInd", indicator(amount.is_negative()))
}

const fn indicator(debit: bool) -> &'static str {
    if debit { "DBIT" } else { "CRDT" }
}

fn balance<W: Write>(
    statement: &Statement<'_>,
    code: &str,
    money: Money,
    day: Day,
    xml: &mut Xml<W>,
) -> io::Result<()> {
    xml.group("Bal", |xml| {
        xml.group("Tp", |xml| xml.group("CdOrPrtry", |xml| xml.leaf("Cd", code)))?;
        amount(statement, money, xml)?;
        xml.group("Dt", |xml| xml.leaf("Dt", &day.to_string()))
    })
}

fn summary<W: Write>(statement: &Statement<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    let total = |debit: bool| {
        let lines = statement.lines.iter().filter(move |line| line.amount.is_negative() == debit);
        let sum: i128 = lines.clone().map(|line| line.amount).sum();
        (lines.count(), sum.unsigned_abs())
    };
    let (credits, debits) = (total(false), total(true));
    let decimal = |minor: u128| format!("{}.{:02}", minor / 100, minor % 100);
    xml.group("TxsSummry", |xml| {
        xml.group("TtlNtries", |xml| {
            xml.leaf("NbOfNtries", &statement.lines.len().to_string())?;
            xml.leaf("Sum", &decimal(credits.1 + debits.1))?;
            xml.group("TtlNetNtry", |xml| {
                xml.leaf("Amt", &decimal(credits.1.abs_diff(debits.1)))?;
                xml.leaf("CdtDbtInd", indicator(debits.1 > credits.1))
            })
        })?;
        for (name, (count, sum)) in [("TtlCdtNtries", credits), ("TtlDbtNtries", debits)] {
            xml.group(name, |xml| {
                xml.leaf("NbOfNtries", &count.to_string())?;
                xml.leaf("Sum", &decimal(sum))
            })?;
        }
        Ok(())
    })
}

fn entry<W: Write>(statement: &Statement<'_>, line: &Line, xml: &mut Xml<W>) -> io::Result<()> {
    let reference = line.id.to_string();
    xml.group("Ntry", |xml| {
        xml.leaf("NtryRef", &reference)?;
        amount(statement, line.amount, xml)?;
        xml.group("Sts", |xml| xml.leaf("Cd", "BOOK"))?;
        xml.group("BookgDt", |xml| xml.leaf("DtTm", &line.at.to_string()))?;
        xml.group("ValDt", |xml| xml.leaf("Dt", &line.at.day().to_string()))?;
        xml.leaf("AcctSvcrRef", &reference)?;
        let (domain, family, subfamily) = transaction_code(line);
        xml.group("BkTxCd", |xml| {
            xml.group("Domn", |xml| {
                xml.leaf("Cd", domain)?;
                xml.group("Fmly", |xml| {
                    xml.leaf("Cd", family)?;
                    xml.leaf("SubFmlyCd", subfamily)
                })
            })
        })?;
        xml.group("NtryDtls", |xml| xml.group("TxDtls", |xml| details(statement, line, xml)))
    })
}

fn details<W: Write>(statement: &Statement<'_>, line: &Line, xml: &mut Xml<W>) -> io::Result<()> {
    xml.group("Refs", |xml| xml.leaf("AcctSvcrRef", &line.id.to_string()))?;
    amount(statement, line.amount, xml)?;
    if let Some(name) = &line.counterparty {
        let role = if line.amount.is_negative() { "Cdtr" } else { "Dbtr" };
        xml.group("RltdPties", |xml| {
            xml.group(role, |xml| {
                xml.group("Pty", |xml| xml.leaf("Nm", &shortened(name, TEXT_LENGTH)))
            })
        })?;
    }
    xml.group("RmtInf", |xml| xml.leaf("Ustrd", &shortened(&line.description, TEXT_LENGTH)))
}

/// Domain, family and sub-family of ISO 20022's external bank transaction codes.
fn transaction_code(line: &Line) -> (&'static str, &'static str, &'static str) {
    let debit = line.amount.is_negative();
    let by_sign = |debits, credits| if debit { debits } else { credits };
    let (family, subfamily) = match line.kind {
        PostingKind::Purchase => ("CCRD", "POSD"),
        PostingKind::Refund => ("CCRD", "RIMB"),
        PostingKind::Payroll => ("RCDT", "SALA"),
        PostingKind::CardPayment | PostingKind::Transfer => (by_sign("ICDT", "RCDT"), "BOOK"),
        PostingKind::DirectDebit => ("RDDT", "PMDD"),
        PostingKind::Cash => ("CNTR", by_sign("CWDL", "CDPT")),
        PostingKind::Fee => (by_sign("MDOP", "MCOP"), "CHRG"),
        PostingKind::Interest => (by_sign("MDOP", "MCOP"), "INTR"),
        PostingKind::Manual => (by_sign("MDOP", "MCOP"), "OTHR"),
        PostingKind::Reversal => (by_sign("MDOP", "MCOP"), "ADJT"),
    };
    let domain = match line.kind {
        PostingKind::Fee | PostingKind::Interest => "ACMT",
        _ => "PMNT",
    };
    (domain, family, subfamily)
}
