//! OFX 2.2, the format of Open Financial Exchange: what personal finance programs read.

use std::io::{self, Write};

use mockbank_bank::{AccountKind, Instant, PostingKind};

use super::xml::{Xml, shortened};
use super::{Holding, Line, Statement};

/// Most characters of a payee's name, a bank's number and an account's number.
const NAME_LENGTH: usize = 32;
const BANK_LENGTH: usize = 9;
const ACCOUNT_LENGTH: usize = 22;

/// Writes the statement as an OFX document.
pub fn write(statement: &Statement<'_>, out: impl Write) -> io::Result<()> {
    let mut xml = Xml::new(out);
    xml.declaration()?;
    xml.instruction(
        "OFX OFXHEADER=\"200\" VERSION=\"220\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" \
         NEWFILEUID=\"NONE\"",
    )?;
    let (set, response, body) = match statement.holding {
        Holding::Account(_) => ("BANKMSGSRSV1", "STMTTRNRS", "STMTRS"),
        Holding::Card(..) => ("CREDITCARDMSGSRSV1", "CCSTMTTRNRS", "CCSTMTRS"),
    };
    xml.group("OFX", |xml| {
        xml.group("SIGNONMSGSRSV1", |xml| xml.group("SONRS", |xml| sign_on(statement, xml)))?;
        xml.group(set, |xml| {
            xml.group(response, |xml| {
                xml.leaf("TRNUID", "0")?;
                status(xml)?;
                xml.group(body, |xml| holding(statement, xml))
            })
        })
    })
}

fn status<W: Write>(xml: &mut Xml<W>) -> io::Result<()> {
    xml.group("STATUS", |xml| {
        xml.leaf("CODE", "0")?;
        xml.leaf("SEVERITY", "INFO")
    })
}

fn sign_on<W: Write>(statement: &Statement<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    status(xml)?;
    xml.leaf("DTSERVER", &time(statement.created))?;
    xml.leaf("LANGUAGE", "ENG")?;
    xml.group("FI", |xml| {
        xml.leaf("ORG", &shortened(&statement.bank.name, NAME_LENGTH))?;
        xml.leaf("FID", &shortened(&statement.bank.routing_number, NAME_LENGTH))
    })
}

fn holding<W: Write>(statement: &Statement<'_>, xml: &mut Xml<W>) -> io::Result<()> {
    xml.leaf("CURDEF", statement.holding.currency().code())?;
    let number = shortened(&statement.holding.number(), ACCOUNT_LENGTH);
    match statement.holding {
        Holding::Account(account) => xml.group("BANKACCTFROM", |xml| {
            xml.leaf("BANKID", &shortened(&statement.bank.routing_number, BANK_LENGTH))?;
            xml.leaf("ACCTID", &number)?;
            let kind = match account.kind {
                AccountKind::Checking => "CHECKING",
                AccountKind::Savings => "SAVINGS",
            };
            xml.leaf("ACCTTYPE", kind)
        })?,
        Holding::Card(..) => xml.group("CCACCTFROM", |xml| xml.leaf("ACCTID", &number))?,
    }
    let end = time(statement.period.end());
    xml.group("BANKTRANLIST", |xml| {
        xml.leaf("DTSTART", &time(statement.period.from.start()))?;
        xml.leaf("DTEND", &end)?;
        statement.lines.iter().try_for_each(|entry| line(entry, xml))
    })?;
    xml.group("LEDGERBAL", |xml| {
        xml.leaf("BALAMT", &statement.closing.to_string())?;
        xml.leaf("DTASOF", &end)
    })?;
    xml.group("BALLIST", |xml| {
        xml.group("BAL", |xml| {
            xml.leaf("NAME", "Opening balance")?;
            xml.leaf("DESC", "Balance at the start of the period")?;
            xml.leaf("BALTYPE", "DOLLAR")?;
            xml.leaf("VALUE", &statement.opening.to_string())?;
            xml.leaf("DTASOF", &time(statement.period.from.start()))
        })
    })
}

fn line<W: Write>(line: &Line, xml: &mut Xml<W>) -> io::Result<()> {
    xml.group("STMTTRN", |xml| {
        xml.leaf("TRNTYPE", transaction_type(line))?;
        xml.leaf("DTPOSTED", &time(line.at))?;
        xml.leaf("TRNAMT", &line.amount.to_string())?;
        xml.leaf("FITID", &line.id.to_string())?;
        let name = line.counterparty.as_deref().unwrap_or(&line.description);
        xml.leaf("NAME", &shortened(name, NAME_LENGTH))?;
        xml.leaf("MEMO", &shortened(&line.description, 255))
    })
}

fn transaction_type(line: &Line) -> &'static str {
    let by_sign = if line.amount.is_negative() { "DEBIT" } else { "CREDIT" };
    match line.kind {
        PostingKind::Purchase => "POS",
        PostingKind::Payroll => "DIRECTDEP",
        PostingKind::CardPayment => "PAYMENT",
        PostingKind::Transfer => "XFER",
        PostingKind::DirectDebit => "DIRECTDEBIT",
        PostingKind::Cash => "CASH",
        PostingKind::Fee => "FEE",
        PostingKind::Interest => "INT",
        PostingKind::Manual | PostingKind::Refund | PostingKind::Reversal => by_sign,
    }
}

fn time(at: Instant) -> String {
    let digits: String = at.to_string().chars().filter(char::is_ascii_digit).collect();
    format!("{digits}.000[0:GMT]")
}
