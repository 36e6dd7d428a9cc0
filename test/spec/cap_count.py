"""What entries add up to, by docs/spec/cap-proof.md, "Counting". Written from that page alone; see verify_cap_proof.py."""
import re

from journal_format import Refused, need

UNITS = ("moneyNanos", "tokens", "wallMs", "bytesRead", "bytesWritten", "calls")
TIMED = set("budget.set budget.opened budget.removed budget.frozen budget.unfrozen hold.placed hold.settled hold.released hold.expired transfer.posted extension.asked extension.granted".split())
OFTEN = set("hold.placed hold.settled hold.released hold.expired transfer.posted".split())
NOTHING = object()


def whole(value):
    return type(value) is float and value.is_integer() and 0 <= value < 2**53


def amounts_of(value):
    need(isinstance(value, dict), "no amounts")
    for unit, text in value.items():
        need(unit in UNITS and isinstance(text, str) and re.fullmatch("0|[1-9][0-9]{0,18}", text), "not an amount")
    return {unit: int(text) for unit, text in value.items()}


def added(sums, amounts, times=1):
    for unit, amount in amounts.items():
        sums[unit] = sums.get(unit, 0) + times * amount


def moved(value):
    """All of it, and what of it is consumed."""
    need(isinstance(value, list), "no movements")
    total, consumed = {}, {}
    for one in value:
        need(isinstance(one, dict) and isinstance(one.get("debit"), str) and isinstance(one.get("credit"), str), "no movement")
        amounts = amounts_of(one.get("amounts"))
        added(total, amounts)
        into, out = one["debit"].startswith("spent:"), one["credit"].startswith("spent:")
        if into != out:
            added(consumed, amounts, 1 if into else -1)
    return total, consumed


def told(amounts):
    return {unit: str(amounts[unit]) for unit in UNITS if amounts.get(unit, 0) != 0}


class Count:
    def __init__(self, start, carried):
        self.start, self.end, self.asked, self.open = start, None, False, 0
        self.carried, self.first_carried, self.room, self.rules = carried, carried, {}, []
        self.drawn_spent, self.drawn_held = {}, {}
        self.spent, self.held, self.peak, self.worst, self.exceeded, self.times = {}, {}, {}, {}, [], 0
        self.grades = {grade: [0, {}] for grade in ("exact", "bound", "counted")}
        self.corrected = [0, {}]
        self.holds = {"placed": 0, "settled": 0, "released": 0, "expired": 0}

    def rule(self, sequence, rule):
        """What is wrong with it, which counts only in the period."""
        try:
            limit = amounts_of(rule["limit"])
        except Refused as error:
            return str(error)
        first, rolls = not self.rules, rule.get("rollover") is True
        if not rolls and not first:
            self.carried = {}
        self.room = {unit: most + self.carried.get(unit, 0) for unit, most in limit.items()}
        above = told({unit: max(0, self.used(unit) - room) for unit, room in self.room.items()})
        self.rules.append({"sequence": sequence, "rule": rule, **({"above": above} if above else {})})
        if first and not all(rolls and amount <= limit.get(unit, 0) for unit, amount in self.carried.items()):
            return "more is carried over than may be"
        return "a rolling span" if rule["period"]["per"] == "rolling" else None

    def used(self, unit):
        return self.spent.get(unit, 0) + self.held.get(unit, 0)

    def spend(self, amounts, of):
        of[0] += 1
        added(of[1], amounts)
        for unit, amount in amounts.items():
            self.spent[unit] = max(0, self.spent.get(unit, 0) + amount)

    def look(self, sequence, kind, more):
        for unit in UNITS:
            if unit not in self.room or more.get(unit, 0) <= 0:
                continue
            used, room = self.used(unit), self.room[unit]
            if used > self.peak.get(unit, (0, 0))[1]:
                self.peak[unit] = (sequence, used)
            if used > room:
                self.times += 1
                if len(self.exceeded) < 100:
                    self.exceeded.append({"sequence": sequence, "type": kind, "unit": unit, "by": str(used - room)})
                if used - room > self.worst.get(unit, (0, 0))[1]:
                    self.worst[unit] = (sequence, used - room)

    def result(self):
        by_unit = lambda values, name: {unit: {"sequence": values[unit][0], name: str(values[unit][1])} for unit in UNITS if unit in values}
        total = lambda one: {"postings": one[0], "amounts": told(one[1])}
        return {
            "from": self.start,
            "to": self.end,
            "carried": told(self.first_carried),
            "rules": self.rules,
            "peak": by_unit(self.peak, "amount"),
            "spent": told(self.spent),
            "held": told(self.held),
            "drawn": {"spent": told(self.drawn_spent), "held": told(self.drawn_held)},
            "grades": {grade: total(one) for grade, one in self.grades.items()},
            "corrected": total(self.corrected),
            "holds": {**self.holds, "open": self.open},
            "exceeded": self.exceeded,
            "timesExceeded": self.times,
            "worst": by_unit(self.worst, "by"),
        }


def is_rule(rule):
    period = rule.get("period") if isinstance(rule, dict) else None
    return isinstance(period, dict) and isinstance(rule.get("name"), str) and isinstance(rule.get("limit"), dict) and isinstance(period.get("per"), str)


def less(amounts, other):
    rest = dict(amounts)
    added(rest, other, -1)
    return rest


class Tally:
    def __init__(self, head):
        self.budget, self.bounds, self.first = head["budget"], (head["startMs"], head.get("endMs", NOTHING)), int(head["first"])
        self.unknown, self.now, self.rule, self.counts, self.freezes = self.first != 0, None, None, [], []
        self.extensions, self.told = {}, []
        self.open, self.expired, self.at, self.first_at = {}, {}, 0.0, None

    def take(self, sequence, kind, facts):
        if kind not in TIMED:
            return
        at = facts.get("atMs")
        need(whole(at) and at >= self.at, "ledger time is none, or runs backwards")
        self.at = at
        if sequence == self.first:
            self.first_at = at
        getattr(self, kind.replace(".", "_"), self.ends)(sequence, kind, facts)

    def is_asked(self, facts):
        told = facts.get("startMs"), facts.get("endMs", NOTHING)
        return told == self.bounds and not any(isinstance(one, bool) for one in told)

    def begin(self, count, sequence, unknown=False):
        if self.now:
            self.now.end = sequence
        self.now, self.unknown = count, unknown

    def ruled(self, sequence, rule, facts):
        self.rule = rule
        wrong = self.now.rule(sequence, rule)
        if self.is_asked(facts) and not self.now.asked:
            self.now.asked = True
            self.counts.append(self.now)
        need(not (wrong and self.now.asked), wrong)

    def budget_set(self, sequence, kind, facts):
        rule = facts.get("rule")
        need(is_rule(rule), "no rule")
        if rule["name"] != self.budget:
            return
        created = facts.get("created") is True
        need(not (created and self.now), "it is created while it is there")
        if created or (not self.now and not self.unknown):
            self.begin(Count(sequence, {}), sequence)
        self.rule = rule
        if self.now:
            self.ruled(sequence, rule, facts)
        else:
            need(not self.is_asked(facts), "it counted before the first entry")

    def budget_opened(self, sequence, kind, facts):
        if facts.get("budget") != self.budget:
            return
        rule = facts["rule"] if "rule" in facts else self.rule
        try:
            carried = amounts_of(facts.get("carried", {}))
        except Refused:
            carried = None
        if not is_rule(rule) or carried is None:
            need(not self.is_asked(facts), "the rule in force is not told")
            return self.begin(None, sequence, True)
        self.begin(Count(sequence, carried), sequence)
        self.ruled(sequence, rule, facts)

    def budget_removed(self, sequence, kind, facts):
        if facts.get("budget") == self.budget:
            self.begin(None, sequence)
            self.rule = None

    def budget_frozen(self, sequence, kind, facts):
        if facts.get("budget") == self.budget and self.counts:
            reason = facts.get("reason")
            self.freezes.append({"sequence": sequence, "type": kind, "reason": reason if isinstance(reason, str) else ""})

    budget_unfrozen = budget_frozen

    def named(self, facts):
        names = facts.get("budgets")
        if not isinstance(names, list) or self.budget not in names:
            return None
        need(self.now or self.unknown, "it counts while there is no such budget")
        return self.now

    def extension_asked(self, sequence, kind, facts):
        names = facts.get("extends")
        if isinstance(names, list) and self.budget in names:
            name = facts.get("extension")
            need(isinstance(name, str) and name != "", "an extension without a name")
            self.extensions[name] = {"extension": name, "asked": sequence, "granted": None, "amounts": amounts_of(facts.get("amounts")), "spent": {}, "held": {}}

    def extension_granted(self, sequence, kind, facts):
        name = facts.get("extension")
        one = self.extensions.get(name) if isinstance(name, str) else None
        if one and one["granted"] is None:
            one["granted"] = sequence

    def part(self, facts, member):
        """What is drawn for the budget: from which extension, and how much."""
        if member not in facts:
            return None, {}
        value = facts[member]
        need(isinstance(value, dict) and isinstance(value.get("parts"), list), "no draw")
        for part in value["parts"]:
            if isinstance(part, dict) and part.get("of") == self.budget:
                name = value.get("extension")
                need(isinstance(name, str) and name in self.extensions, "an extension that no entry shows")
                return self.extensions[name], amounts_of(part.get("amounts"))
        return None, {}

    def hold_placed(self, sequence, kind, facts):
        need(isinstance(facts.get("budgets"), list), "no budgets")
        count = self.named(facts)
        extension, drawn = self.part(facts, "draws")
        if extension:
            added(extension["held"], drawn)
            most = lambda unit: extension["amounts"].get(unit, 0)
            need(all(amount + extension["spent"].get(unit, 0) <= most(unit) for unit, amount in extension["held"].items()), "it draws more than was asked for")
            if count and count.asked and not any(one is extension for one in self.told):
                self.told.append(extension)
        if not count and not extension:
            return
        key, own = self.key(facts), less(moved(facts.get("movements"))[0], drawn)
        need(key not in self.open, "the hold is open already")
        need(all(amount >= 0 for amount in own.values()), "it draws more than it holds")
        self.open[key] = (count, own, extension, drawn)
        if count:
            count.holds["placed"] += 1
            count.open += 1
            added(count.held, own)
            added(count.drawn_held, drawn)
            count.look(sequence, kind, own)

    def transfer_posted(self, sequence, kind, facts):
        count = self.named(facts)
        if not count:
            return
        consumed = moved(facts.get("movements"))[1]
        count.spend(consumed, count.corrected if facts.get("kind") == "correction" else count.grades["counted"])
        count.look(sequence, kind, consumed)

    def key(self, facts):
        need(isinstance(facts.get("hold"), str) and facts["hold"] != "" and whole(facts.get("attempt")), "no hold is named")
        return facts["hold"], facts["attempt"]

    def ends(self, sequence, kind, facts):
        key = self.key(facts)
        late = kind == "hold.settled" and facts.get("late") is True
        none = (None, {}, None, {})
        count, held, extension, draw = (self.expired.pop(key, None), {}, None, {}) if late else self.open.pop(key, none)
        if not count and not extension:
            return
        how = kind.split(".")[1]
        if extension:
            added(extension["held"], draw, -1)
        if count and not late:
            count.holds[how] += 1
            count.open -= 1
            added(count.held, held, -1)
            added(count.drawn_held, draw, -1)
        if count and how == "expired":
            self.expired[key] = count
        if how == "settled":
            actual = moved(facts.get("movements"))[0]
            need(isinstance(facts.get("grade"), str) and facts["grade"] in ("exact", "bound", "counted"), "no grade")
            named, drawn = self.part(facts, "drawn")
            if named:
                need(named is extension and all(amount <= draw.get(unit, 0) for unit, amount in drawn.items()), "it spends what its hold did not draw")
                need(named["granted"] is not None, "nobody granted what it spends")
                need(all(amount <= actual.get(unit, 0) for unit, amount in drawn.items()), "it draws more than it came to")
                added(named["spent"], drawn)
            if not count:
                return
            own = less(actual, drawn)
            added(count.drawn_spent, drawn)
            count.spend(own, count.grades[facts["grade"]])
            more = dict(own)
            added(more, held, -1)
            count.look(sequence, kind, more)

    def shown_extensions(self):
        names = ("extension", "asked", "granted")
        return [{**{name: one[name] for name in names}, "amounts": told(one["amounts"]), "spent": told(one["spent"])} for one in self.told]

    def passed(self):
        start, end = self.bounds
        if end is not NOTHING:
            return self.at >= end
        return self.at > start and bool(self.counts) and not (self.now and self.now.asked)

    def over(self):
        return self.passed() and all(count.open == 0 for count in self.counts)
