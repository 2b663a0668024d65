"""Checksums of Korean registration numbers, payment cards and bar codes. Arguments are bare digits."""

from __future__ import annotations

from datetime import date


def is_card_number(digits: str) -> bool:
    """Luhn's formula (ISO/IEC 7812-1): every second digit from the right doubled, the sum a multiple of ten."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def is_resident_number(digits: str) -> bool:
    """Korean resident registration number (13 digits) as issued until October 2020, or a foreigner's.

    Weights 2..9,2..5 over the first twelve; the check digit is (11 - sum % 11) % 10, for foreigners
    (7th digit 5-8) two more.
    """
    if len(digits) != 13:
        return False
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    check = 11 - sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11
    if digits[6] in "5678":
        check += 2
    return check % 10 == int(digits[12])


def is_business_number(digits: str) -> bool:
    """Korean business registration number (10 digits), the National Tax Service's formula.

    Weights 1 3 7 1 3 7 1 3 5 over the first nine, plus the tens of the ninth product.
    """
    if len(digits) != 10:
        return False
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
    total = sum(int(d) * w for d, w in zip(digits, weights, strict=False)) + int(digits[8]) * 5 // 10
    return (10 - total % 10) % 10 == int(digits[9])


def is_ean13(digits: str) -> bool:
    """A retail bar code: weights 1 3 1 3 ... over thirteen digits, the sum a multiple of ten."""
    if len(digits) != 13:
        return False
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0


def is_day(digits: str) -> bool:
    """Eight digits that are a calendar day of this century's first half, such as 20261120."""
    if len(digits) != 8 or not digits.isdigit() or not "2000" <= digits[:4] <= "2049":
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
