"""Words that make a question, not what it asks for."""

STOP_WORDS = frozenset(
    """
    a an the this that these those here there
    i me my mine we us our ours you your yours he him his she her hers it its they them their theirs
    one ones someone something anyone anything everyone everything nobody nothing itself himself herself themselves
    what which who whom whose when where why how whether
    am is are was were be been being do does did doing done have has had having
    can could may might must shall should will would ought
    can't cannot don't doesn't didn't isn't aren't wasn't weren't won't wouldn't shouldn't couldn't
    it's that's what's who's where's there's i'm you're they're we're
    and or but nor if then else than so because while although though unless until
    of at by for with about against between into through during before after above below to from up down
    in out on off over under onto upon via per within without among
    again further once also just only very too more most some any such each every both few other another
    no not own same all as s t d ll m ve
    tell give show find explain describe say says said please know let look according
    many much long far often old
    happen happens happened work works use used uses using called named mean means
    document documents passage
    """.split()
)
