"""Password hashing (OWASP Password Storage, RFC 9106)."""

from shared.kit import hashes


def test_a_hash_is_argon2id_at_owasps_parameters() -> None:
    assert hashes.hash_password("correct horse battery staple").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_has_its_own_hash_and_no_other() -> None:
    hashed = hashes.hash_password("correct horse battery staple")
    assert hashes.verify_password(hashed, "correct horse battery staple")
    assert not hashes.verify_password(hashed, "correct horse battery stapler")


def test_passwords_that_agree_in_72_bytes_differ() -> None:
    start = "x" * 72
    assert not hashes.verify_password(hashes.hash_password(start + "a"), start + "b")


def test_nobody_has_no_password() -> None:
    assert not hashes.verify_password(None, "nobody has this password")


def test_what_is_no_hash_verifies_nothing() -> None:
    assert not hashes.verify_password("not a hash", "anything")


def test_older_parameters_are_hashed_again() -> None:
    older = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$8sSfR9mH3kQx5fQ9xq3y0n8kQJ2hVdX0m1mM0l0hK5c"
    assert hashes.needs_rehash(older)
    assert not hashes.needs_rehash(hashes.hash_password("correct horse battery staple"))
