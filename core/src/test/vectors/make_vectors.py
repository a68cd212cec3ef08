#!/usr/bin/env python3
"""Writes the test vectors in ../resources/vectors: events with the verdict that the wire protocol asks for.

An independent reading of the protocol: nothing but this language's json, hashlib and base64, and `openssl` for keys
and signatures. Keys are made anew by each run and thrown away, so a second run gives other events.
"""
import base64
import copy
import hashlib
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "resources", "vectors")
NOW = "2026-11-22T10:06:00Z"
FIELDS = ("source_ip", "threat_type", "severity", "timestamp", "reporter_pubkey")


def openssl(*args, data=None):
    return subprocess.run(("openssl",) + args, input=data, capture_output=True, check=True).stdout


class Key:
    def __init__(self, folder, name, *options, algorithm="RSA"):
        self.path = os.path.join(folder, name)
        args = ["genpkey", "-algorithm", algorithm, "-out", self.path]
        for option in options:
            args += ["-pkeyopt", option]
        openssl(*args)
        self.pem = openssl("pkey", "-in", self.path, "-pubout").decode()
        der = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")
        self.node_id = hashlib.sha256(der).hexdigest()

    def sign(self, text, salt=222):
        raw = openssl("dgst", "-sha256", "-sign", self.path, "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                      "rsa_pss_saltlen:%d" % salt, "-sigopt", "rsa_mgf1_md:sha256", data=text.encode())
        return base64.b64encode(raw).decode()


def canonical(value):
    return json.dumps(value, sort_keys=True)


def id_input(event):
    chosen = {k: event[k] for k in FIELDS}
    if event.get("details"):
        chosen["details"] = event["details"]
    return canonical(chosen)


def signed_payload(event):
    chosen = {k: event[k] for k in FIELDS + ("id",)}
    details = event.get("details")
    if details and ("retracts" in details or details.get("tlp", "clear") != "clear"):
        chosen["details"] = details
    return canonical(chosen)


def make(key, details=None, salt=222, event_id=None, **fields):
    event = {"source_ip": "203.0.113.7", "threat_type": "ssh-bruteforce", "severity": "high",
             "timestamp": "2026-11-22T10:00:00.123Z", "reporter_pubkey": key.pem}
    event.update(fields)
    if details is not None:
        event["details"] = details
    event["id"] = event_id or hashlib.sha256(id_input(event).encode()).hexdigest()
    event["signature"] = key.sign(signed_payload(event), salt)
    return event


def nested(depth):
    value = 1
    for _ in range(depth - 1):
        value = {"a": value}
    return {"a": value}


def v2(folder):
    key = Key(folder, "a", "rsa_keygen_bits:2048")
    vectors = []

    def add(name, event, verdict, why=None, text=None):
        vector = {"name": name}
        if text is None:
            vector["event"] = event
        else:
            vector["event_text"] = text
        if verdict in ("accept", "bare"):
            vector["id_input"] = id_input(event)
            vector["signed_payload"] = signed_payload(event)
        if verdict == "accept":
            vector["stored_under"] = event["id"]
        if verdict == "bare":
            vector["stored_under"] = hashlib.sha256(signed_payload(event).encode()).hexdigest()
        vector["verdict"] = verdict
        if why:
            vector["why"] = why
        vectors.append(vector)

    def accept(name, details=None, **fields):
        add(name, make(key, details, **fields), "accept")

    def malformed(name, change):
        event = make(key, {"count": 1})
        change(event)
        add(name, event, "reject", "form")

    def malformed_details(name, details):
        add(name, make(key, details), "reject", "form")

    def number(name, written, verdict):
        """A number as written, which this language would write otherwise."""
        event = make(key, {"count": 12345})
        text = canonical(event).replace("12345", written)
        add(name, None, verdict, "form", text=text)

    # What is right.
    accept("five fields")
    accept("details, clear by default", {"indicator": {"type": "ipv4-addr", "value": "203.0.113.7"}, "confidence": 90,
                                         "count": 3, "technique": "T1110.001", "tags": ["a", "b"],
                                         "target": {"port": 22, "protocol": "tcp"}, "seen": True, "none": None})
    accept("every escape", {"description": "\b\f\n\r\t\"\\/ \u0000\u001f\u007f\u0080\u00e9\u2028\u2029\ufffd\ud83d\ude00"
                            .encode("utf-16", "surrogatepass").decode("utf-16")})
    accept("texts beyond ASCII in all fields", source_ip="b\u00fccher.example", threat_type="\u653b\u6483",
           severity="\U0001f525")
    accept("tlp clear stated", {"tlp": "clear", "count": 1})
    accept("tlp green is signed", {"tlp": "green", "count": 1})
    accept("tlp amber is signed", {"tlp": "amber"})
    accept("tlp red is signed", {"tlp": "red"})
    accept("a retraction is signed", {"retracts": "0" * 64})
    accept("a retraction that is null is signed", {"retracts": None, "count": 1})
    accept("an odd severity", severity="apocalyptic")
    accept("empty texts", source_ip="", threat_type="", severity="")
    accept("2^53-1", {"n": 2**53 - 1})
    accept("-(2^53-1)", {"n": -(2**53 - 1)})
    accept("zero", {"n": 0})
    accept("depth 6", nested(6))
    accept("empty containers at depth 6", {"a": {"a": {"a": {"a": {"o": {}, "l": []}}}}})
    accept("a key of 64", {"k" * 64: 1})
    accept("keys in code point order", {"b": 1, "a_": 2, "a0": 3, "aa": 4, "a": 5})
    accept("details of 8192 bytes", {"d": "x" * (8192 - len('{"d": ""}'))})
    room = 16384 - len(canonical(make(key, source_ip="")))
    accept("an event of 16384 bytes", source_ip="x" * room)
    accept("version 1 form of the time", timestamp="2026-11-22 10:00:00")
    extra = make(key)
    extra["hops"] = 3
    extra["note"] = {"Anything": [1.5, "\u00e9"]}
    add("unknown top-level fields are left aside", extra, "accept")

    # Bare forms.
    full = make(key, {"count": 7})
    bare = copy.deepcopy(full)
    del bare["details"]
    add("bare: details dropped on the way", bare, "bare")
    add("bare: a stranger's id", make(key, event_id="ab" * 32), "bare")
    for name, details in (("green marking", {"tlp": "green"}), ("retraction", {"retracts": "1" * 64})):
        stripped = make(key, details)
        del stripped["details"]
        add(name + " stripped", stripped, "reject", "truth")
    restated = make(key, {"tlp": "red", "count": 1})
    restated["details"]["tlp"] = "clear"
    add("red marking changed to clear", restated, "reject", "truth")

    # What is not true.
    for field in ("source_ip", "threat_type", "severity"):
        changed = make(key)
        changed[field] += "x"
        add(field + " altered", changed, "reject", "truth")
    changed = make(key)
    changed["timestamp"] = "2026-11-22T10:00:00.124Z"
    add("timestamp altered", changed, "reject", "truth")
    changed = make(key, {"count": 1})
    changed["details"]["count"] = 2
    add("details altered", changed, "reject", "truth")
    changed = make(key)
    changed["details"] = {"count": 1}
    add("details added", changed, "reject", "truth")
    other = Key(folder, "b", "rsa_keygen_bits:2048")
    changed = make(key)
    changed["signature"] = make(other)["signature"]
    add("signature of another key", changed, "reject", "truth")
    changed = make(key)
    changed["signature"] = base64.b64encode(bytes(256)).decode()
    add("signature of zeros", changed, "reject", "truth")
    changed = make(key)
    changed["signature"] = base64.b64encode(b"\xff" * 256).decode()
    add("signature beyond the modulus", changed, "reject", "truth")
    changed = make(key)
    changed["reporter_pubkey"] = other.pem
    add("another reporter named", changed, "reject", "truth")
    add("salt of 32 bytes", make(key, salt=32), "reject", "truth")
    changed = make(key)
    pkcs1 = openssl("dgst", "-sha256", "-sign", key.path, data=signed_payload(changed).encode())
    changed["signature"] = base64.b64encode(pkcs1).decode()
    add("PKCS#1 v1.5 signature", changed, "reject", "truth")

    # What has not the form.
    for field in FIELDS + ("id", "signature"):
        malformed(field + " missing", lambda e, f=field: e.pop(f))
        malformed(field + " null", lambda e, f=field: e.update({f: None}))
        malformed(field + " a number", lambda e, f=field: e.update({f: 7}))
        malformed(field + " a list", lambda e, f=field: e.update({f: [e[f]]}))
        malformed(field + " true", lambda e, f=field: e.update({f: True}))
    malformed("upper-case id", lambda e: e.update(id=e["id"].upper().replace("0", "A")))
    malformed("id of 63 digits", lambda e: e.update(id=e["id"][1:]))
    malformed("id of 65 digits", lambda e: e.update(id=e["id"] + "0"))
    malformed("id with a space", lambda e: e.update(id=" " + e["id"][1:]))
    malformed("id of other digits", lambda e: e.update(id="\u0660" * 64))
    malformed("signature with trailing garbage", lambda e: e.update(signature=e["signature"] + "A"))
    malformed("signature with a trailing line feed", lambda e: e.update(signature=e["signature"] + "\n"))
    malformed("signature with a space within",
              lambda e: e.update(signature=e["signature"][:100] + " " + e["signature"][100:]))
    malformed("signature without padding", lambda e: e.update(signature=e["signature"].rstrip("=")))
    malformed("signature in the URL alphabet", lambda e: e.update(signature="-_" + e["signature"][2:]))
    malformed("signature one byte short", lambda e: e.update(
        signature=base64.b64encode(base64.b64decode(e["signature"])[1:]).decode()))
    malformed("signature one byte long", lambda e: e.update(
        signature=base64.b64encode(base64.b64decode(e["signature"]) + b"x").decode()))

    def loose_bits(e):
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        last = alphabet.index(e["signature"][341])
        e["signature"] = e["signature"][:341] + alphabet[last | 1] + "=="
    malformed("signature with loose bits at its end", loose_bits)
    malformed("empty signature", lambda e: e.update(signature=""))

    pem = key.pem
    malformed("PEM with CRLF", lambda e: e.update(reporter_pubkey=pem.replace("\n", "\r\n")))
    malformed("PEM without its last line feed", lambda e: e.update(reporter_pubkey=pem[:-1]))
    malformed("PEM with a line feed more", lambda e: e.update(reporter_pubkey=pem + "\n"))
    malformed("PEM with a space before", lambda e: e.update(reporter_pubkey=" " + pem))
    body = pem.split("\n")
    odd = [body[0], body[1] + body[2][:2], body[2][2:]] + body[3:]
    malformed("PEM folded otherwise", lambda e: e.update(reporter_pubkey="\n".join(odd)))
    malformed("a private key's PEM head", lambda e: e.update(reporter_pubkey=pem.replace("PUBLIC", "RSA")))
    malformed("no PEM", lambda e: e.update(reporter_pubkey="x" * 451))
    flags = openssl("pkey", "-pubin", "-outform", "DER", data=pem.encode())

    def der(change):
        changed_der = bytearray(flags)
        change(changed_der)
        text = base64.b64encode(bytes(changed_der)).decode()
        lines = [text[i:i + 64] for i in range(0, len(text), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----"] + lines + ["-----END PUBLIC KEY-----", ""])

    def exponent3(d):
        d[-1] = 3
    malformed("exponent 65539", lambda e: e.update(reporter_pubkey=der(exponent3)))

    def short_modulus(d):
        d[33] = 0
    malformed("a modulus of 2040 bits", lambda e: e.update(reporter_pubkey=der(short_modulus)))

    def even_modulus(d):
        d[-6] &= 0xfe
    malformed("an even modulus", lambda e: e.update(reporter_pubkey=der(even_modulus)))
    for name, options, algorithm in (
            ("exponent 3", ("rsa_keygen_bits:2048", "rsa_keygen_pubexp:3"), "RSA"),
            ("RSA-1024", ("rsa_keygen_bits:1024",), "RSA"),
            ("RSA-3072", ("rsa_keygen_bits:3072",), "RSA"),
            ("RSA-4096", ("rsa_keygen_bits:4096",), "RSA"),
            ("RSA-PSS key", ("rsa_keygen_bits:2048",), "RSA-PSS"),
            ("P-256", ("ec_paramgen_curve:P-256",), "EC")):
        odd_key = Key(folder, name.replace(" ", "_"), *options, algorithm=algorithm)
        malformed("key: " + name, lambda e, k=odd_key: e.update(reporter_pubkey=k.pem))

    malformed_details("empty details", {})
    malformed("details null", lambda e: e.update(details=None))
    malformed("details a list", lambda e: e.update(details=[1]))
    malformed("details a text", lambda e: e.update(details="x"))
    malformed("details a number", lambda e: e.update(details=1))
    malformed_details("depth 7", nested(7))
    malformed_details("an empty list at depth 7", {"a": {"a": {"a": {"a": {"a": {"a": []}}}}}})
    malformed_details("lists count as depth", {"a": [[[[[[1]]]]]]})
    malformed_details("a key of 65", {"k" * 65: 1})
    malformed_details("an empty key", {"": 1})
    malformed_details("an upper-case key", {"Count": 1})
    malformed_details("a key with a hyphen", {"first-seen": 1})
    malformed_details("a key that begins with a digit", {"1st": 1})
    malformed_details("a key that begins with an underscore", {"_a": 1})
    malformed_details("a key beyond ASCII", {"\u00e9": 1})
    malformed_details("an odd key deep within", {"a": [{"b": {"C": 1}}]})
    malformed_details("2^53", {"n": 2**53})
    malformed_details("-2^53", {"n": -(2**53)})
    malformed_details("2^63", {"n": 2**63})
    malformed_details("2^64+1", {"n": 2**64 + 1})
    malformed_details("10^300", {"n": 10**300})
    malformed_details("a fraction", {"n": 1.5})
    malformed_details("a whole number with a fraction", {"n": 1.0})
    malformed_details("an exponent", {"n": 1e300})
    number("-0", "-0", "reject")
    number("an exponent without a fraction", "1e3", "reject")
    number("a capital exponent", "1E3", "reject")
    number("0.0", "0.0", "reject")
    malformed_details("details of 8193 bytes", {"d": "x" * (8193 - len('{"d": ""}'))})
    malformed_details("details that grow beyond 8192 bytes by escapes", {"d": "\u00e9" * 1500})
    add("an event of 16385 bytes", make(key, source_ip="x" * (room + 1)), "reject", "form")
    add("an event that grows beyond 16384 bytes by escapes", make(key, source_ip="\u00e9" * 2600), "reject", "form")

    # What is left aside.
    for name, tlp in (("unknown", "purple"), ("upper-case", "CLEAR"), ("white, of TLP 1", "white"), ("strict", "amber+strict"),
                      ("empty", ""), ("a number", 1), ("null", None), ("a list", ["clear"]), ("true", True)):
        add("tlp " + name, make(key, {"tlp": tlp}), "ignore")
    forged = make(key, {"tlp": "purple"})
    forged["signature"] = make(key)["signature"]
    add("unknown tlp, and the signature is wrong", forged, "reject", "truth")
    for name, stamp, verdict in (
            ("10 min ahead", "2026-11-22T10:16:00.000Z", "accept"),
            ("10 min and 1 ms ahead", "2026-11-22T10:16:00.001Z", "ignore"),
            ("version 1 form, 14 h 10 min ahead", "2026-11-23 00:16:00", "accept"),
            ("version 1 form, 14 h 10 min and 1 s ahead", "2026-11-23 00:16:01", "ignore"),
            ("30 d old", "2026-10-23T10:06:00.000Z", "accept"),
            ("30 d and 1 ms old", "2026-10-23T10:05:59.999Z", "ignore"),
            ("version 1 form, 30 d old", "2026-10-23 10:06:00", "accept"),
            ("version 1 form, 30 d and 1 s old", "2026-10-23 10:05:59", "ignore"),
            ("31 November", "2026-11-31T10:00:00.000Z", "ignore"),
            ("hour 24", "2026-11-22T24:00:00.000Z", "ignore"),
            ("second 60", "2026-11-22T09:59:60.000Z", "ignore"),
            ("no milliseconds", "2026-11-22T10:00:00Z", "ignore"),
            ("microseconds", "2026-11-22T10:00:00.123456Z", "ignore"),
            ("an offset", "2026-11-22T10:00:00.123+00:00", "ignore"),
            ("lower-case letters", "2026-11-22t10:00:00.123z", "ignore"),
            ("a space before", " 2026-11-22 10:00:00", "ignore"),
            ("other digits", "\u0662026-11-22 10:00:00", "ignore"),
            ("empty", "", "ignore"),
            ("year 9999", "9999-12-31T23:59:59.999Z", "ignore")):
        add("time: " + name, make(key, timestamp=stamp), verdict)
    untimely = make(key, timestamp="2020-01-01T00:00:00.000Z")
    untimely["signature"] = make(key)["signature"]
    add("too old comes before a wrong signature", untimely, "ignore")

    return {"about": "version 2 events by make_vectors.py; verdicts as on a TLS link at " + NOW, "now": NOW,
            "public_key_pem": key.pem, "node_id": key.node_id, "vectors": vectors}


def v1(folder):
    key = Key(folder, "v1", "rsa_keygen_bits:2048")
    vectors = []
    for fields in (
            {},
            {"severity": "low", "threat_type": "port-scan"},
            {"severity": "urgent"},
            {"source_ip": "2001:db8::7"},
            {"source_ip": "b\u00fccher.example", "threat_type": "\u653b\u6483 \U0001f525"},
            {"threat_type": "a \"quoted\" \\ back/slash\ttab\nline\u007f\u2028"},
            {"timestamp": "2026-02-28 23:59:59"}):
        event = make(key, **{"timestamp": "2026-11-22 16:19:42", **fields})
        frame = json.dumps({"type": "event", "id": event["id"], "payload": event,
                            "timestamp": "2026-11-22T10:00:00.000000Z"}).encode()
        vectors.append({"event": event, "id_input": id_input(event), "signed_payload": signed_payload(event),
                        "frame_hex": (len(frame).to_bytes(4, "big") + frame).hex(), "valid": True})
    for why, change in (
            ("severity changed after signing", lambda e: e.update(severity="low")),
            ("signature one byte short", lambda e: e.update(
                signature=base64.b64encode(base64.b64decode(e["signature"])[:-1]).decode())),
            ("signature is not base64", lambda e: e.update(signature="*" * 344)),
            ("signature of another event", lambda e: e.update(signature=make(key, source_ip="x")["signature"])),
            ("no public key", lambda e: e.pop("reporter_pubkey")),
            ("salt of 32 bytes", lambda e: e.update(signature=key.sign(signed_payload(e), 32)))):
        event = make(key, timestamp="2026-11-22 16:19:42")
        change(event)
        vectors.append({"event": event, "valid": False, "why": why})
    return {"source": "make_vectors.py", "vectors": vectors}


def main():
    os.makedirs(OUT, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("v1-events.json", v1(folder)), ("v2-events.json", v2(folder))):
            with open(os.path.join(OUT, name), "w", encoding="ascii") as file:
                json.dump(content, file, indent=1)
                file.write("\n")
            print(name, len(content["vectors"]))


if __name__ == "__main__":
    main()
