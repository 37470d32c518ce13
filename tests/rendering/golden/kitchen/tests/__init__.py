"""Tests of the service, against real servers on free ports."""
