"""The data of the Larkfield Home demo: its people, catalogue and orders, and something of everything under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from actions.shop.sqlite_rules import TWO_PERSON


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """What is sold. ``back`` is in how many days more come, where none is left and that is known."""

    sku: str
    name: str
    pence: int
    kind: str | None = None  # its key in data/troubleshooting.yml
    stock: int = 40
    back: int | None = None


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """Days are relative to the seeding day: negative ones lie in the past."""

    number: str
    customer: str
    state: str
    placed: int
    expected: int
    items: tuple[tuple[str, int], ...]
    delivered: int | None = None
    carrier: str = "Pennine Parcels"


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Days are relative to the seeding day, as for an order."""

    customer: str
    state: str
    next_payment: int | None
    paused_until: int | None = None
    paused_from: int | None = None


CUSTOMERS: Final = (
    ("C-1001", "Maya Lind", "maya.lind@mail.example", "standard", "14 Orchard Road, Leeds, LS6 2AB"),
    ("C-1002", "Tom Becker", "tom.becker@mail.example", "plus", "3 Harbour View, Bristol, BS1 4QD"),
    ("C-1003", "Priya Shah", "priya.shah@mail.example", "vip", "27 Albert Terrace, London, NW1 7SU"),
    ("C-1004", "Jonas Weber", "jonas.weber@mail.example", "standard", "8 Mill Lane, York, YO1 9TX"),
    ("C-1005", "Elena Rossi", "elena.rossi@mail.example", "standard", "51 Castle Street, Cardiff, CF10 1BS"),
)

PRODUCTS: Final = (
    DemoProduct("VAC-200", "cordless vacuum cleaner", 18900, "vacuum cleaner"),
    DemoProduct("SPK-110", "Bluetooth speaker", 5900, "headphones"),
    DemoProduct("KET-100", "kettle", 3900, "kettle"),
    DemoProduct("TEL-550", "55-inch television", 64900, "television", stock=6),
    DemoProduct("HDP-300", "wireless headphones", 7900, "headphones"),
    DemoProduct("MIX-400", "stand mixer", 24900),
    DemoProduct("LMP-020", "table lamp", 2450),
    DemoProduct("HUB-001", "smart hub", 8900, "smart hub"),
    DemoProduct("DSH-600", "dishwasher", 45900, "dishwasher", stock=4),
    DemoProduct("COF-210", "coffee machine", 12900, "coffee machine"),
    DemoProduct("WSH-700", "washing machine", 39900, "washing machine", stock=5),
    DemoProduct("FAN-030", "tower fan", 6500),
    DemoProduct("TST-040", "toaster", 3450),
    DemoProduct("BLN-050", "hand blender", 2700, stock=0, back=6),
    DemoProduct("KET-120", "glass kettle", 4900, "kettle", stock=9),
    DemoProduct("TST-060", "four-slice toaster", 4950),
    DemoProduct("MIC-090", "microwave", 8900),
    DemoProduct("AIR-220", "air fryer", 9900, stock=17),
    DemoProduct("JUC-055", "juicer", 7900),
    DemoProduct("GRL-520", "contact grill", 6900),
    DemoProduct("IRN-070", "steam iron", 4450),
    DemoProduct("FRG-800", "fridge freezer", 52900, stock=3),
    DemoProduct("DRY-610", "tumble dryer", 44900, stock=2),
    DemoProduct("CKR-510", "electric cooker", 47900, stock=3),
    DemoProduct("HOB-500", "induction hob", 29900, stock=4),
    DemoProduct("TEL-430", "43-inch television", 38900, "television", stock=8),
    DemoProduct("SND-150", "soundbar", 14900, stock=11),
    DemoProduct("PRJ-280", "projector", 32900, stock=5),
    DemoProduct("RAD-115", "clock radio", 3900),
    DemoProduct("VAC-300", "robot vacuum", 29900, "vacuum cleaner", stock=12),
    DemoProduct("PUR-330", "air purifier", 15900, stock=6),
    DemoProduct("DEH-340", "dehumidifier", 17900, stock=0, back=14),
    DemoProduct("HTR-250", "electric heater", 7400),
    DemoProduct("LAP-140", "14-inch laptop", 69900, stock=2),
    DemoProduct("TAB-100", "10-inch tablet", 21900, stock=0, back=9),
    DemoProduct("MON-270", "27-inch monitor", 18900),
    DemoProduct("PRN-190", "printer", 11900, stock=0),
    DemoProduct("CAM-160", "indoor camera", 4900),
    DemoProduct("DBL-170", "video doorbell", 9900),
    DemoProduct("PLG-010", "smart plug", 1495, stock=120),
    DemoProduct("BLB-005", "smart light bulb", 1295, stock=80),
    DemoProduct("SHV-080", "shaver", 6900),
    DemoProduct("TBR-085", "electric toothbrush", 5900),
)

ORDERS: Final = (
    DemoOrder("LH-10001", "C-1001", "shipped", -3, 2, (("VAC-200", 1),)),
    DemoOrder("LH-10002", "C-1001", "processing", -1, 5, (("SPK-110", 1), ("LMP-020", 2))),
    DemoOrder("LH-10003", "C-1001", "delivered", -7, -3, (("KET-100", 1),), delivered=-3),
    DemoOrder(
        "LH-10004",
        "C-1001",
        "delivered",
        -12,
        -8,
        (("TEL-550", 1),),
        delivered=-8,
        carrier=TWO_PERSON,
    ),
    DemoOrder("LH-10005", "C-1001", "cancelled", -30, -25, (("FAN-030", 1),)),
    DemoOrder("LH-10010", "C-1002", "shipped", -2, 1, (("COF-210", 1),)),
    DemoOrder("LH-10011", "C-1002", "processing", 0, 4, (("HDP-300", 1),)),
    DemoOrder("LH-10012", "C-1002", "delivered", -50, -45, (("HUB-001", 1),), delivered=-45),
    DemoOrder("LH-10013", "C-1002", "packed", -2, 3, (("TST-040", 1),)),
    DemoOrder(
        "LH-10020",
        "C-1003",
        "delivered",
        -10,
        -5,
        (("DSH-600", 1),),
        delivered=-5,
        carrier=TWO_PERSON,
    ),
    DemoOrder("LH-10021", "C-1003", "processing", -1, 4, (("MIX-400", 1),)),
    DemoOrder("LH-10030", "C-1004", "shipped", -11, -6, (("HDP-300", 1),)),
    DemoOrder(
        "LH-10031",
        "C-1004",
        "delivered",
        -24,
        -20,
        (("WSH-700", 1),),
        delivered=-20,
        carrier=TWO_PERSON,
    ),
    DemoOrder("LH-10040", "C-1005", "delivered", -6, -2, (("TST-040", 1), ("BLN-050", 1)), delivered=-2),
    DemoOrder("LH-10041", "C-1005", "packed", -2, 2, (("FAN-030", 1),)),
    DemoOrder("LH-10014", "C-1002", "delivered", -14, -9, (("LMP-020", 1), ("KET-100", 1)), delivered=-9),
    DemoOrder("LH-10022", "C-1003", "delivered", -18, -14, (("HDP-300", 1),), delivered=-14),
    DemoOrder("LH-10023", "C-1003", "processing", -2, 8, (("WSH-700", 1),), carrier=TWO_PERSON),
    DemoOrder("LH-10032", "C-1004", "delivered", -34, -28, (("FAN-030", 1),), delivered=-28),
    DemoOrder("LH-10042", "C-1005", "delivered", -22, -18, (("LMP-020", 1),), delivered=-18),
)

PLANS: Final = (
    DemoPlan("C-1001", "active", 12),
    DemoPlan("C-1002", "active", 3),
    DemoPlan("C-1003", "active", 20),
    DemoPlan("C-1004", "paused", 40, paused_until=40, paused_from=-20),
)
PLAN_NAME: Final = "Larkfield Care"
PLAN_PENCE: Final = 999
DELIVERY_PENCE: Final = 495
TWO_PERSON_PENCE: Final = 2900
FREE_DELIVERY_FROM_PENCE: Final = 6000
WARRANTY_MONTHS: Final = 24

DELIVERY_OPTIONS: Final = (
    (1, "Standard delivery", DELIVERY_PENCE, 3, 1),
    (2, "Next working day", 995, 1, 1),
    (3, "Two-person delivery to a room of your choice", TWO_PERSON_PENCE, 5, 1),
    (4, "Collection from a parcel shop", 295, 3, 0),
)
DELIVERY_AREAS: Final = (  # postcode area, served, further working days
    ("BT", 1, 2),
    ("HS", 1, 2),
    ("IM", 1, 2),
    ("IV", 1, 1),
    ("KW", 1, 2),
    ("ZE", 1, 3),
    ("JE", 0, 0),
    ("GY", 0, 0),
    ("BF", 0, 0),
)

# What is under way. Days are relative to the seeding day.
RETURNS: Final = (  # number, order, SKU, reason, last day for the parcel, day of its arrival
    ("R-4B7D20C1E9", "LH-10014", "LMP-020", "too dark", 21, None),
    ("R-91AC3F55D2", "LH-10022", "HDP-300", "too tight", 16, -2),
)
REFUNDS: Final = (  # number, order, SKU, pence, reason, day; the second should have arrived by now
    ("F-6620D1B7A4", "LH-10042", "LMP-020", 2450, "scratched", -2),
    ("F-03C9E8811F", "LH-10032", "FAN-030", 6500, "too loud", -12),
)
CANCELLATIONS: Final = (("LH-10005", 6500, -29),)  # order, pence, day
OLDER_DEVICES: Final = (("C-1004", "microwave", "microwave", -60),)  # customer, name, kind, last day of the guarantee
VISITS: Final = (("V-7F31C2A9D0", "C-1003", "dishwasher", 3),)  # number, customer, device, day
WORKSHOP: Final = (  # number, customer, device, day, finished
    ("W-52E8B19C04", "C-1002", "smart hub", 4, 0),
    ("W-1D90A76F3B", "C-1004", "microwave", -15, 1),
)
GIFT_CARDS: Final = (  # number, pence, last day; one with money, one that is spent, one that has run out
    ("LHGC-2046-7713-5082", 3550, 400),
    ("LHGC-8810-4427-9361", 0, 120),
    ("LHGC-3359-1048-6624", 2000, -30),
)
