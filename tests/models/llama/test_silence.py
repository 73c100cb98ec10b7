from rlm_desktop.models.llama.silence import SLOWER, SLOWEST_DISK, Silence


def test_silence_is_too_long_when_its_ticks_are() -> None:
    silence = Silence(10)
    for _ in range(10):
        silence.last(1)
    assert not silence.too_long
    silence.last(1)
    assert silence.too_long


def test_a_word_ends_it() -> None:
    silence = Silence(10)
    silence.last(9)
    silence.end()
    silence.last(9)
    assert not silence.too_long


def test_a_worker_that_was_slow_before_may_be_slow_again() -> None:
    silence = Silence(10)
    silence.last(9)
    silence.end()
    assert silence.patience == SLOWER * 9


def test_a_slow_disk_may_read_all_of_a_model() -> None:
    silence = Silence(10)
    silence.allow_for(100 * SLOWEST_DISK)
    silence.allow_for(50 * SLOWEST_DISK)
    assert silence.patience == 100
