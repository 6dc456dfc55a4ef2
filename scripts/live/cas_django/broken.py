"""What variants change inside django-cas-server, and the list of the tickets it gave: the tests look for them where they must not be."""

import project


def apply(chosen):
    from cas_server import models, views
    from django.db.models.signals import post_save

    def given(instance, created, **_):
        if created:
            with open(project.folder / "log" / "tickets", "a", encoding="utf-8") as file:
                file.write(f"{instance.value}\n")

    post_save.connect(given, sender=models.ServiceTicket, weak=False)

    def alive_again(value):
        models.ServiceTicket.objects.filter(value=value).update(validate=False)

    if "replayable-tickets" in chosen:
        get = models.Ticket.get.__func__

        def again(cls, ticket, renew=False, service=None):
            found = get(cls, ticket, renew, service)
            alive_again(found.value)
            return found

        models.Ticket.get = classmethod(again)

    process = views.ValidateService.process_ticket
    if "surviving-tickets" in chosen:
        def surviving(self):
            try:
                return process(self)
            except views.ValidateError as error:
                if error.code == "INVALID_SERVICE":
                    alive_again(self.ticket)
                raise

        views.ValidateService.process_ticket = surviving
    if "unbound-tickets" in chosen:
        def unbound(self):
            ticket = models.ServiceTicket.objects.filter(value=self.ticket).first()
            self.service = ticket.service if ticket else self.service
            return process(self)

        views.ValidateService.process_ticket = unbound
