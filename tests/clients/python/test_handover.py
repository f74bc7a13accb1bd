def test_a_person_is_handed_over_and_back(ana, inbox):
    ana.says("Hello")
    ana.sees("You said: Hello")
    ana.says("An agent, please")
    inbox.sees(ana)
    ana.says("Where is my order?")
    inbox.replies(ana, "On its way.")
    ana.sees("On its way.")
    inbox.is_done(ana)
    ana.sees("I am back. Anything else?")


def test_control_ends_after_a_day(simulator, ana, inbox, pass_time):
    ana.says("agent")
    inbox.sees(ana)
    pass_time("31m")
    assert ana.owner() == "Page Inbox"
    pass_time("24h")
    assert ana.owner() is None
    # Nobody has the thread now, so the default app gets it.
    ana.says("Hello?")
    ana.sees("You said: Hello?")
    assert ana.texts()[0] == "agent"
